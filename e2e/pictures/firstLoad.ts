import { gzipSync } from 'node:zlib'
import type { Browser } from 'playwright-core'

/** Compressed script that the contribute page may fetch before Start, bytes. */
export const FIRST_SCRIPT_BYTES = 150 * 1024

export interface FirstLoad {
  /** Script fetched before Start, gzip, bytes. */
  scriptBytes: number
  /** Paths of everything that was fetched, in order. */
  paths: string[]
  /** What was asked of the GPU. */
  adapters: number
  workers: number
}

/** Opens the contribute page with a good address, presses nothing, and counts what it fetched. */
export async function firstLoad(browser: Browser, base: string, address: string): Promise<FirstLoad> {
  const page = await browser.newPage()
  const load: FirstLoad = { scriptBytes: 0, paths: [], adapters: 0, workers: 0 }
  await page.exposeFunction('noteAdapter', () => load.adapters++)
  await page.addInitScript(() => {
    const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<unknown> } }
    const note = Reflect.get(globalThis, 'noteAdapter') as () => void
    if (gpu === undefined) return
    const ask = gpu.requestAdapter.bind(gpu)
    gpu.requestAdapter = () => {
      note()
      return ask()
    }
  })
  page.on('worker', () => load.workers++)
  page.on('request', (request) => load.paths.push(new URL(request.url()).pathname))
  const bodies: Promise<void>[] = []
  page.on('response', (response) => {
    if (response.request().resourceType() !== 'script') return
    bodies.push(
      response.body().then((body) => {
        load.scriptBytes += gzipSync(body).length
      }),
    )
  })
  await page.goto(`${base}/?address=${address}`, { waitUntil: 'networkidle' })
  await Promise.all(bodies)
  await page.close()
  return load
}

/** What is wrong with a first load, in sentences. */
export function firstLoadFaults(load: FirstLoad): string[] {
  const faults: string[] = []
  if (load.scriptBytes > FIRST_SCRIPT_BYTES)
    faults.push(`The page fetches ${load.scriptBytes} bytes of script before Start.`)
  if (load.adapters > 0) faults.push(`The page asks for ${load.adapters} GPU adapters before Start.`)
  if (load.workers > 0) faults.push(`The page starts ${load.workers} workers before Start.`)
  for (const path of load.paths) {
    if (/blobs|\.onnx|\.wasm|models|onnxruntime|compute/.test(path))
      faults.push(`The page asks for ${path} before Start.`)
  }
  return faults
}
