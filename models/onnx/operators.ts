import { costRules } from './costRules.ts'
import { type ConstantTensor, type OnnxNode, quoted } from './graph.ts'
import { InferenceFailure } from './operatorCall.ts'
import { convolution } from './operators/convolution.ts'
import { elementwise } from './operators/elementwise.ts'
import { indexing } from './operators/indexing.ts'
import { matrix } from './operators/matrix.ts'
import { normalization } from './operators/normalization.ts'
import type { Operator, OperatorTable } from './operators/operator.ts'
import { quantization } from './operators/quantization.ts'
import { recurrent } from './operators/recurrent.ts'
import { reduction } from './operators/reduction.ts'
import { resizing } from './operators/resizing.ts'
import { shaping } from './operators/shaping.ts'

/** `Constant` nodes become constants and `If` is walked by shape inference; both only have their form checked here. */
const structural = (since: number, inputs: [number, number], outputs: number): Operator => ({
  since,
  inputs,
  outputs,
  cost: costRules.free,
  infer: () => {
    throw new InferenceFailure('mismatch', 'it has no shape rule of its own')
  },
})

const tables: OperatorTable = {
  ...elementwise,
  ...matrix,
  ...convolution,
  ...shaping,
  ...indexing,
  ...resizing,
  ...reduction,
  ...normalization,
  ...recurrent,
  ...quantization,
  If: {
    ...structural(1, [1, 1], Number.POSITIVE_INFINITY),
    refuse: (node) => {
      const branches = ['then_branch', 'else_branch'].map((name) => node.attributes.get(name))
      for (const branch of branches) {
        if (branch?.kind !== 'graph') return 'lacks one of its two branches'
        if (branch.value.outputs.length !== node.outputs.length)
          return 'has branches with another number of outputs'
      }
      return null
    },
  },
}

/** The allow-list: every operator that a model may use, with its shape and cost rule. */
export const operators: ReadonlyMap<string, Operator> = new Map(Object.entries(tables))

const random = 'it is random, so that its result could not be checked'
const dependent = 'the size of its output depends on values, so that its cost is not known beforehand'
const loop = 'how often it runs depends on values, so that its cost is not known beforehand'
const notTensor = 'it works on sequences or optionals; only tensors are supported'
const strings = 'it works on text'
const training = 'it is for training'

/** Operators that are refused for a reason of their own. */
const refused: Readonly<Record<string, string>> = {
  Bernoulli: random,
  Multinomial: random,
  RandomNormal: random,
  RandomNormalLike: random,
  RandomUniform: random,
  RandomUniformLike: random,
  Compress: dependent,
  NonMaxSuppression: dependent,
  Unique: dependent,
  Loop: loop,
  Scan: loop,
  ConcatFromSequence: notTensor,
  Optional: notTensor,
  OptionalGetElement: notTensor,
  OptionalHasElement: notTensor,
  SequenceAt: notTensor,
  SequenceConstruct: notTensor,
  SequenceEmpty: notTensor,
  SequenceErase: notTensor,
  SequenceInsert: notTensor,
  SequenceLength: notTensor,
  SequenceMap: notTensor,
  SplitToSequence: notTensor,
  RegexFullMatch: strings,
  StringConcat: strings,
  StringNormalizer: strings,
  StringSplit: strings,
  TfIdfVectorizer: strings,
  ImageDecoder: 'it decodes files',
  Adagrad: training,
  Adam: training,
  Gradient: training,
  Momentum: training,
}

/** The sentence that refuses an operator that is not on the allow-list, or null. */
export function unlistedRefusal(op: string, label: string): string | null {
  if (operators.has(op)) return null
  return `${label} is refused: ${refused[op] ?? `the operator ${quoted(op)} is not on the allow-list`}.`
}

/** The sentence that refuses a node, or null: operator, version, number of inputs and outputs, its own rules. */
export function operatorRefusal(
  node: OnnxNode,
  opset: number,
  constants: ReadonlyMap<string, ConstantTensor>,
): string | null {
  const operator = operators.get(node.op)
  if (!operator) return unlistedRefusal(node.op, node.label)
  if (opset < operator.since) {
    return `${node.label} is refused: ${node.op} came with operator set ${operator.since}, the model declares ${opset}.`
  }
  if (operator.until !== undefined && opset > operator.until) {
    return `${node.label} is refused: ${node.op} ended with operator set ${operator.until}, the model declares ${opset}.`
  }
  const [fewest, most] = operator.inputs
  const needed = node.inputs.slice(0, fewest)
  if (node.inputs.length > most || needed.length < fewest || needed.includes('')) {
    return `${node.label} is refused: it has ${node.inputs.filter((name) => name !== '').length} inputs and takes ${fewest === most ? fewest : `${fewest} to ${most}`}.`
  }
  if (node.outputs.length === 0 || node.outputs.length > operator.outputs) {
    return `${node.label} is refused: it has ${node.outputs.length} outputs and gives ${operator.outputs}.`
  }
  const reason = operator.refuse?.(node, opset, constants) ?? null
  return reason === null ? null : `${node.label} is refused: it ${reason}.`
}
