import type { KernelTask, StageTask, TaskSpec } from './task.ts'
import type { Tensor } from './tensor.ts'

/**
 * What a receipt's `input` and `output` commit to. Each is
 *
 *     SHA-256(salt || header || 0x0A || tensor bytes)        in lower-case hex
 *
 * - `salt`: 32 bytes that only the requester and the tab get.
 * - `header`: UTF-8 canonical JSON (RFC 8785: sorted keys, no spaces) of one object:
 *     - input of a model:          `{"graph":0,"tensors":T}` (index into the manifest's graphs)
 *     - input of a kernel:         `{"kernel":"matmul-i8","shape":{"k":64,"m":64,"n":64},"tensors":T}`
 *     - input of a seeded kernel:  `{"kernel":"matmul-i8","seed":7,"shape":{"k":64,"m":64,"n":64}}`
 *     - input of an answer, and of a custom kernel: `{"tensors":T}`
 *     - input of a stage's step:   `{"first":0,"last":1,"position":12,"session":7,"tensors":T}`
 *     - every output:              `{"tensors":T}` (of an answer without its last output `cached`)
 *   with T = `[[name, datatype, shape, byte length], ...]`, e.g. `[["c","INT32",[64,64],16384]]`.
 * - tensor bytes: those of the tensors in the order of T, row-major and little-endian, one after the other, nothing
 *   between them. T tells where each begins, so no two lists of tensors give the same bytes.
 *
 * A receipt of kind `stage` is for several steps that one tab made one after the other. Its `input` and `output` are
 *
 *     SHA-256(salt || header || 0x0A || commitments)
 *
 * with the header `{"first":0,"last":1,"session":7,"steps":3}` for the input and `{"steps":3}` for the output, followed by
 * the 32 bytes of each step's own commitment, made as above with the same salt, in the order of their positions.
 *
 * In Python: `json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True).encode()` is the header.
 */
export function inputHeader(spec: TaskSpec): string {
  switch (spec.kind) {
    case 'infer':
      return `{"graph":${spec.graph},"tensors":${tensorList(spec.inputs)}}`
    case 'generate':
    case 'custom':
      return `{"tensors":${tensorList(spec.inputs)}}`
    case 'stage': {
      const { first, last, position, session } = spec
      return `{"first":${first},"last":${last},"position":${position},"session":${session},"tensors":${tensorList(spec.inputs)}}`
    }
    case 'kernel':
      return kernelHeader(spec)
    default:
      return spec satisfies never
  }
}

function kernelHeader(spec: KernelTask): string {
  const { m, k, n } = spec.shape
  const kernel = JSON.stringify(spec.kernel)
  const shape = `{"k":${k},"m":${m},"n":${n}}`
  return spec.seed === null
    ? `{"kernel":${kernel},"shape":${shape},"tensors":${tensorList(spec.inputs)}}`
    : `{"kernel":${kernel},"seed":${spec.seed},"shape":${shape}}`
}

/** Tensors whose bytes follow `inputHeader(spec)`: none where a seed stands for them. */
export function inputTensors(spec: TaskSpec): readonly Tensor[] {
  return spec.kind === 'kernel' && spec.seed !== null ? [] : spec.inputs
}

/** The header over a task's outputs, in the order in which the graph or the kernel names them. */
export function outputHeader(outputs: readonly Tensor[]): string {
  return `{"tensors":${tensorList(outputs)}}`
}

/** The header over the inputs of so many steps of a run of stages, whose commitments follow it. */
export const stepsInputHeader = ({ first, last, session }: StageTask, steps: number): string =>
  `{"first":${first},"last":${last},"session":${session},"steps":${steps}}`

/** The header over the outputs of so many steps, whose commitments follow it. */
export const stepsOutputHeader = (steps: number): string => `{"steps":${steps}}`

/** Bytes that a commitment is over, one after the other. */
export type CommittedBytes = Pick<Tensor, 'bytes'>

/** The pieces whose concatenation is hashed: salt (32 bytes), header with its newline, each tensor's bytes. */
export function commitmentParts(
  salt: Uint8Array,
  header: string,
  tensors: readonly CommittedBytes[],
): Uint8Array[] {
  return [salt, new TextEncoder().encode(`${header}\n`), ...tensors.map((tensor) => tensor.bytes)]
}

function tensorList(tensors: readonly Tensor[]): string {
  let list = ''
  for (const { name, datatype, shape, bytes } of tensors) {
    list += `${list === '' ? '' : ','}[${JSON.stringify(name)},"${datatype}",[${shape.join(',')}],${bytes.byteLength}]`
  }
  return `[${list}]`
}
