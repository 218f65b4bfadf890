import { parse } from 'npyjs'
import { datatypes, type Tensor } from '../../../protocol/tensor.ts'
import { mismatchOf } from '../../../shaders/kernelSuite.ts'
import { kernelSuites } from '../../../shaders/kernelSuites.ts'
import { compareNumbers } from './compareNumbers.ts'
import { numbersOf } from './elementArrays.ts'
import { expressionReference } from './expressionReference.ts'
import { fillBuffers } from './fillBuffers.ts'
import type { CheckAnswer, CheckRequest, Comparison, SizedBuffer } from './labNumbersApi.ts'

type Outputs = ReadonlyMap<string, Uint8Array>

/** Compares outputs with what the session says is right. */
export async function checkOutputs(request: CheckRequest, outputs: Outputs): Promise<CheckAnswer> {
  const { check } = request
  const output = request.buffers.find(({ role }) => role === 'output')
  if (check.kind === 'none' || !output) return { kind: 'none' }
  try {
    if (check.kind === 'library') return checkLibrary(check.kernel, request, outputs)
    const expected =
      check.kind === 'file'
        ? npyNumbers(check.base64)
        : await expressionReference(check.text, inputNumbers(request), request.numbers, output)
    const got = numbersOf(output.datatype, outputs.get(output.name) ?? new Uint8Array())
    if (expected.length !== got.length) {
      return {
        kind: 'failed',
        message: `The reference has ${expected.length} elements, ${output.name} has ${got.length}.`,
      }
    }
    const allowed = output.datatype.startsWith('FP') ? request.toleranceUlp : 0
    const compared = compareNumbers(output, got, expected, allowed)
    return { kind: 'compared', right: compared.wrong === 0, words: null, outputs: [compared] }
  } catch (error) {
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
}

/** What the library holds right: its own check decides, the distances are shown beside it. */
function checkLibrary(name: string, request: CheckRequest, outputs: Outputs): CheckAnswer {
  const suite = kernelSuites.find(({ kernel }) => kernel.name === name)
  if (!suite) return { kind: 'failed', message: `The library has no ${name}.` }
  const filled = fillBuffers(request)
  const tensorsOf = (role: 'input' | 'output', bytesOf: (buffer: SizedBuffer) => Uint8Array): Tensor[] =>
    suite.kernel.tensors
      .filter((tensor) => tensor.role === role)
      .map((tensor) => {
        const buffer = request.buffers.find((each) => each.name === tensor.name)
        if (!buffer) throw new Error(`${name} needs a buffer called ${tensor.name}.`)
        return { name: tensor.name, datatype: buffer.datatype, shape: buffer.shape, bytes: bytesOf(buffer) }
      })
  const inputs = tensorsOf('input', (buffer) => filled.get(buffer.name) ?? zerosOf(buffer))
  const got = tensorsOf('output', (buffer) => outputs.get(buffer.name) ?? new Uint8Array())
  const words = mismatchOf(suite, got, inputs, request.numbers)
  const expected = suite.reference(inputs, request.numbers)
  const compared: Comparison[] = got.map((tensor, at) =>
    compareNumbers(
      tensor,
      numbersOf(tensor.datatype, tensor.bytes),
      numbersOf(expected[at]!.datatype, expected[at]!.bytes),
      // A float kernel of the library is judged by its own bound, so that no element is called wrong beside it.
      suite.kernel.lane === 'float' && words === null ? Number.POSITIVE_INFINITY : 0,
    ),
  )
  return { kind: 'compared', right: words === null, words, outputs: compared }
}

const zerosOf = ({ datatype, shape }: SizedBuffer): Uint8Array =>
  new Uint8Array(shape.reduce((product, size) => product * size, datatypes[datatype].bytes))

/** Every filled buffer as numbers, for an expression. */
function inputNumbers(request: CheckRequest) {
  const filled = fillBuffers(request)
  return new Map(
    request.buffers
      .filter(({ role }) => role !== 'scratch')
      .map((buffer) => [buffer.name, numbersOf(buffer.datatype, filled.get(buffer.name) ?? zerosOf(buffer))]),
  )
}

/** The elements of a .npy file in row-major order. @throws Error when it is none */
function npyNumbers(base64: string): ArrayLike<number> {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  const { data, fortranOrder, shape } = parse(bytes.buffer)
  if (fortranOrder && shape.length > 1)
    throw new Error('The .npy file is in Fortran order: save it in C order.')
  return data instanceof BigInt64Array || data instanceof BigUint64Array
    ? Float64Array.from(data, Number)
    : (data as unknown as ArrayLike<number>)
}
