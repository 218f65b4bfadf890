/** Most threads that a tab takes: ONNX Runtime gains little beyond. */
export const MOST_WASM_THREADS = 4

/** Threads of the WASM backend: half of the machine, so that it stays usable; 1 where the page is not isolated. */
export function wasmThreadsFor(cores: number, isolated: boolean): number {
  if (!isolated) return 1
  return Math.min(Math.max(Math.floor(cores / 2), 1), MOST_WASM_THREADS)
}
