import { datatypes, elementCount, type Tensor } from '../../../protocol/tensor.ts'
import { type KernelSuite, mismatchOf } from '../../../shaders/kernelSuite.ts'
import { kernelSuites } from '../../../shaders/kernelSuites.ts'
import { LabError, wordsOf } from '../labWords.ts'
import type { ExpressionSandbox } from '../sandbox/expressionTask.ts'
import type { LabCheck } from '../session.ts'
import { compareNumbers } from './compareNumbers.ts'
import { arrayOf, numbersOf } from './elementArrays.ts'
import { expressionReference } from './expressionReference.ts'
import { fillBuffers } from './fillBuffers.ts'
import type { CheckAnswer, CheckRequest, Comparison, SizedBuffer } from './labNumbersApi.ts'
import { fitsShape, readNpy } from './readNpy.ts'
import { holderOf } from './wholeRange.ts'

/** Largest reference of a job, bytes: it goes with the job's inputs in one body. */
const MOST_REFERENCE_BYTES = 16 * 1024 * 1024

type Outputs = ReadonlyMap<string, Uint8Array>

/** Compares outputs with what the session says is right. */
export async function checkOutputs(
  request: CheckRequest,
  outputs: Outputs,
  sandbox: ExpressionSandbox,
): Promise<CheckAnswer> {
  const { check } = request
  const output = request.buffers.find(({ role }) => role === 'output')
  if (check.kind === 'none' || !output) return { kind: 'none' }
  try {
    if (check.kind === 'library') return checkLibrary(check.kernel, request, outputs)
    const expected = await expectedOf(check, request, output, sandbox)
    const got = numbersOf(output.datatype, outputs.get(output.name) ?? new Uint8Array())
    if (expected.length !== got.length) {
      const values = { n: expected.length, output: output.name, wanted: got.length }
      return { kind: 'failed', words: wordsOf('check.length', values) }
    }
    const allowed = output.datatype.startsWith('FP') ? request.toleranceUlp : 0
    const compared = compareNumbers(output, got, expected, allowed)
    return { kind: 'compared', right: compared.wrong === 0, words: null, outputs: [compared] }
  } catch (error) {
    if (!(error instanceof LabError)) throw error
    return { kind: 'failed', words: error.words }
  }
}

/** What an expression or a file holds right. @throws LabError */
const expectedOf = (
  check: Extract<LabCheck, { kind: 'expression' | 'file' }>,
  request: CheckRequest,
  output: SizedBuffer,
  sandbox: ExpressionSandbox,
): Promise<ArrayLike<number | bigint>> =>
  check.kind === 'file'
    ? Promise.resolve(npyNumbers(check, output))
    : expressionReference(check.text, inputNumbers(request), request.numbers, output, sandbox)

/**
 * The little-endian bytes that an expression or a file holds right for the first output; null where there are none: the
 * reference is another or fails, is too large for a job, or gives what the output's datatype cannot hold.
 */
export async function referenceBytes(
  request: CheckRequest,
  sandbox: ExpressionSandbox,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const { check } = request
  const output = request.buffers.find(({ role }) => role === 'output')
  if (!output || (check.kind !== 'expression' && check.kind !== 'file')) return null
  const { datatype, shape } = output
  const count = elementCount(shape)
  if (count * datatypes[datatype].bytes > MOST_REFERENCE_BYTES) return null
  try {
    const expected = await expectedOf(check, request, output, sandbox)
    if (expected.length !== count) return null
    const holds = datatype.startsWith('FP') ? () => true : holderOf(datatype)
    if (!Array.prototype.every.call(expected, holds)) return null
    return arrayOf(datatype, count, (at) => expected[at]!)
  } catch (error) {
    if (error instanceof LabError) return null
    throw error
  }
}

/** What the library holds right: its own check decides, the distances are shown beside it. */
function checkLibrary(name: string, request: CheckRequest, outputs: Outputs): CheckAnswer {
  const suite = kernelSuites.find(({ kernel }) => kernel.name === name)
  if (!suite) return { kind: 'failed', words: wordsOf('check.noKernel', { kernel: name }) }
  const filled = fillBuffers(request)
  const tensorsOf = (role: 'input' | 'output', bytesOf: (buffer: SizedBuffer) => Uint8Array): Tensor[] =>
    suite.kernel.tensors
      .filter((tensor) => tensor.role === role)
      .map((tensor) => {
        const buffer = request.buffers.find((each) => each.name === tensor.name)
        if (!buffer) throw new LabError(wordsOf('check.noBuffer', { kernel: name, name: tensor.name }))
        return { name: tensor.name, datatype: buffer.datatype, shape: buffer.shape, bytes: bytesOf(buffer) }
      })
  const inputs = tensorsOf('input', (buffer) => filled.get(buffer.name) ?? zerosOf(buffer))
  const got = tensorsOf('output', (buffer) => outputs.get(buffer.name) ?? new Uint8Array())
  const judged = libraryVerdict(suite, got, inputs, request)
  if ('kind' in judged) return judged
  const { words, expected } = judged
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

/** The library's own verdict with its reference; `failed` where the buffers are none that the kernel takes. */
function libraryVerdict(
  suite: KernelSuite,
  got: readonly Tensor[],
  inputs: readonly Tensor[],
  { numbers }: CheckRequest,
): { words: string | null; expected: readonly Tensor[] } | Extract<CheckAnswer, { kind: 'failed' }> {
  try {
    const expected = suite.reference(inputs, numbers)
    return { words: mismatchOf(suite, [...got], [...inputs], numbers), expected }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { kind: 'failed', words: wordsOf('check.library', { kernel: suite.kernel.name, reason }) }
  }
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

/** The elements of the .npy file that is the reference. @throws LabError */
function npyNumbers({ name, base64 }: Extract<LabCheck, { kind: 'file' }>, { shape }: SizedBuffer) {
  if (base64 === '') throw new LabError(wordsOf('check.noFile'))
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  const found = readNpy(name, bytes)
  if (fitsShape(found.shape, shape)) return found.numbers
  const values = { file: name, shape: found.shape.join(', '), wanted: shape.join(', ') }
  throw new LabError(wordsOf('fault.npyShape', values))
}
