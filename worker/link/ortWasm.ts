import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url'
import { OpentabError } from '../../protocol/errors.ts'

/** ONNX Runtime's WASM, which compute cannot fetch itself; the browser's cache keeps it. @throws `source_unreachable` */
export async function loadOrtWasm(): Promise<ArrayBuffer> {
  const response = await fetch(wasmUrl).catch((cause: unknown) => {
    throw new OpentabError('source_unreachable', `${wasmUrl} could not be fetched.`, { cause })
  })
  if (!response.ok) throw new OpentabError('source_unreachable', `${wasmUrl} answered ${response.status}.`)
  return await response.arrayBuffer()
}
