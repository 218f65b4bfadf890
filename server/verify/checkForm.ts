import { OpentabError } from '../../protocol/errors.ts'
import type { TensorSpec } from '../../protocol/manifest.ts'
import type { KernelTask } from '../../protocol/task.ts'
import { checkTensor, datatypes, elementCount, type Tensor } from '../../protocol/tensor.ts'

/** What a matmul kernel must give: `c`, i32[m, n] or f32[m, n]. Gives the sentence for the contributor, or null. */
export function checkKernelForm(
  { kernel, shape: { m, n } }: KernelTask,
  outputs: readonly Tensor[],
): string | null {
  const c = outputs[0]
  const datatype = kernel === 'matmul-i8' ? 'INT32' : 'FP32'
  if (
    outputs.length === 1 &&
    c!.name === 'c' &&
    c!.datatype === datatype &&
    c!.shape.length === 2 &&
    c!.shape[0] === m &&
    c!.shape[1] === n &&
    c!.bytes.byteLength === m * n * 4
  ) {
    return null
  }
  return checkTensorsForm([{ name: 'c', datatype, shape: [m, n] }], outputs)
}

/**
 * Whether outputs are what a graph declares, in its order: names, datatypes, ranks, the dimensions that are known, and
 * bytes that fit. A dimension that is a name, negative or not an integer is not known. `known` holds the shapes that
 * were worked out for this input; an output that is missing there is held against its declared shape only.
 * Gives the sentence for the contributor, or null.
 */
export function checkTensorsForm(
  declared: readonly TensorSpec[],
  outputs: readonly Tensor[],
  known: ReadonlyMap<string, readonly (number | string)[]> = new Map(),
): string | null {
  if (outputs.length !== declared.length) {
    return `The task has ${declared.length} outputs (${declared.map((spec) => spec.name).join(', ')}) and ${outputs.length} came.`
  }
  for (let i = 0; i < declared.length; i++) {
    const fault = faultOf(declared[i]!, outputs[i]!, known.get(declared[i]!.name))
    if (fault !== null) return fault
  }
  return null
}

function faultOf(
  spec: TensorSpec,
  output: Tensor,
  known: readonly (number | string)[] | undefined,
): string | null {
  if (output.name !== spec.name)
    return `An output is named ${quote(output.name)} and must be ${quote(spec.name)}.`
  if (output.datatype !== spec.datatype) {
    return `Output ${spec.name} is ${output.datatype} and must be ${spec.datatype}.`
  }
  // A graph may declare less than is known from the input, or nothing at all about an output.
  for (const shape of known === undefined ? [spec.shape] : [known, spec.shape]) {
    if (!fits(output.shape, shape)) {
      return `Output ${spec.name} has the shape [${output.shape.join(',')}] and must have [${shape.join(',')}].`
    }
  }
  try {
    checkTensor(output)
  } catch (error) {
    if (error instanceof OpentabError) return error.message
    throw error
  }
  return datatypes[output.datatype].bytes === 0 ? stringsFault(output) : null
}

function fits(shape: readonly number[], expected: readonly (number | string)[]): boolean {
  return (
    shape.length === expected.length &&
    expected.every(
      (size, axis) => typeof size === 'string' || !Number.isInteger(size) || size < 0 || shape[axis] === size,
    )
  )
}

/** BYTES: as many strings as the shape says, each behind a little-endian u32 length, and nothing after them. */
function stringsFault({ name, shape, bytes }: Tensor): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const count = elementCount(shape)
  let at = 0
  for (let i = 0; i < count; i++) {
    if (at + 4 > bytes.byteLength) return `Output ${name} ends before string ${i} of ${count}.`
    at += 4 + view.getUint32(at, true)
    if (at > bytes.byteLength) return `Output ${name} ends inside string ${i} of ${count}.`
  }
  return at === bytes.byteLength
    ? null
    : `Output ${name} has ${bytes.byteLength - at} bytes after its ${count} strings.`
}

function quote(name: string): string {
  return JSON.stringify(name.length > 64 ? `${name.slice(0, 64)}...` : name)
}
