import type { OrtRuntime } from '../../engine/onnx/ortRuntime.ts'

let copies = 0

/**
 * Imports a fresh copy of ONNX Runtime Web from its own file: each copy has its own WASM instance and thread count, and
 * its threads are workers of that same small file. `script` is a URL from runtimeFiles.ts.
 */
export async function loadRuntime(script: string): Promise<OrtRuntime> {
  copies += 1
  const url = new URL(script, import.meta.url)
  url.searchParams.set('copy', String(copies))
  return (await import(/* @vite-ignore */ url.href)) as OrtRuntime
}
