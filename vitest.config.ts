import preact from '@preact/preset-vite'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { chromiumArgs } from './cli/chromiumArgs.ts'
import { findChromium } from './cli/findChromium.ts'

/** Cross-origin isolation, without which there is no SharedArrayBuffer. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
}

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          include: ['{protocol,shaders,engine,worker,web,models,server,cli,bench}/**/*.test.{ts,tsx}'],
          exclude: ['**/*.browser.test.{ts,tsx}', '**/node_modules/**'],
          environment: 'node',
          testTimeout: 20_000,
        },
      },
      {
        plugins: [preact()],
        server: { headers: isolation },
        // A dependency that Vite only finds in mid-run makes it reload the page under the tests.
        optimizeDeps: {
          include: ['fast-check', 'canonicalize', 'comlink', 'idb-keyval', 'sucrase', 'zod/mini'],
          exclude: ['onnxruntime-web'],
        },
        test: {
          name: 'browser',
          include: ['{shaders,engine,worker,web}/**/*.browser.test.{ts,tsx}'],
          exclude: ['**/node_modules/**'],
          testTimeout: 30_000,
          // One page at a time: the tests share two cores and one software GPU.
          fileParallelism: false,
          browser: {
            enabled: true,
            provider: playwright({
              launchOptions: { executablePath: findChromium(), args: [...chromiumArgs] },
            }),
            headless: true,
            screenshotFailures: false,
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.story.ts'],
          environment: 'node',
          globalSetup: ['e2e/stage/globalSetup.ts'],
          // A relay, a browser and software GPUs on few cores: patience, and one story at a time.
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
