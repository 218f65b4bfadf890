import preact from '@preact/preset-vite'
import { defineConfig } from 'vite'

/** Scripts of workers without network. */
const COMPUTE_ENTRIES = ['compute', 'grammarWorker', 'labGpu', 'labNumbers']

/**
 * Names in `dist/assets`. What runs in the compute worker and in the workers that it starts lies under `assets/compute/`, so that the relay can tell by the
 * path which scripts get the policy without network. Names stay plain: filter lists block what sounds like a miner.
 */
const COMPUTE = 'assets/compute/[name]-[hash].js'
const OTHERS = 'assets/[name]-[hash].js'

const entryFileNames = ({ name }: { name: string }) => (COMPUTE_ENTRIES.includes(name) ? COMPUTE : OTHERS)

/** ONNX Runtime: its script runs in the compute worker and in its threads, its binaries are fetched by the link worker. */
function assetFileNames({ names }: { names: readonly string[] }): string {
  const name = names[0] ?? ''
  if (/^ort\..*\.mjs$/.test(name)) {
    return `assets/compute/onnxruntime-${name.includes('jspi') ? 'webgpu' : 'wasm'}-[hash].js`
  }
  if (/^ort-.*\.wasm$/.test(name)) {
    return `assets/onnxruntime-${name.includes('jspi') ? 'webgpu' : 'wasm'}-[hash][extname]`
  }
  // The lab's frame for expressions: the relay tells by the path that it gets a policy of its own.
  if (name === 'expressionFrame.html') return 'assets/sandbox/[name]-[hash][extname]'
  return 'assets/[name]-[hash][extname]'
}

/** Cross-origin isolation, without which WASM has no threads. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

export default defineConfig({
  plugins: [preact()],
  server: { headers: isolation },
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  build: {
    target: 'es2023',
    outDir: 'dist',
    emptyOutDir: true,
    // The workers' ONNX Runtime is large by nature.
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      input: 'index.html',
      output: { entryFileNames, chunkFileNames: OTHERS, assetFileNames },
    },
  },
  worker: {
    format: 'es',
    rolldownOptions: { output: { entryFileNames, chunkFileNames: OTHERS, assetFileNames } },
  },
})
