import { OpentabError } from '../../protocol/errors.ts'

const noMemory =
  /bad_alloc|out of memory|OOM|failed to allocate|allocation failed|cannot enlarge memory|Invalid array buffer length|shape is too large/i
const lost = /device (is|was) lost|device lost|lost device|DeviceLost|GPUDevice is destroyed/i
const crashed =
  /^Aborted\(|unreachable|memory access out of bounds|table index is out of bounds|null function|indirect call/i

/** Whether the WASM instance can no longer be used after this error. */
export const isFatal = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'RuntimeError' || crashed.test(error.message))

/**
 * What ONNX Runtime threw, as an error for people. `doing` says what was asked, with the values, e.g.
 * `Running graph main of all-minilm-l6-v2 on input_ids[4,16]`.
 * A bare number is an uncaught C++ exception, which in practice is a failed allocation.
 */
export function ortError(error: unknown, doing: string): OpentabError {
  if (error instanceof OpentabError) return error
  const text = (error instanceof Error ? error.message : String(error))
    .replace(/^failed to call \w+\(\)\. ERROR_CODE: \d+, ERROR_MESSAGE: /, '')
    // Paths of the machine that built ONNX Runtime help nobody.
    .replace(/\/\S*\/onnxruntime\//g, '')
    .trim()
  const said = text.length > 600 ? `${text.slice(0, 600)} ...` : text
  const code = lost.test(text)
    ? 'device_lost'
    : typeof error === 'number' || noMemory.test(text)
      ? 'out_of_memory'
      : 'model_failed'
  return new OpentabError(code, `${doing} failed: ${said}`, { cause: error })
}
