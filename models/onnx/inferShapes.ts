import { OpentabError } from '../../protocol/errors.ts'
import { type Datatype, datatypes } from '../../protocol/tensor.ts'
import { type ConstantTensor, type OnnxGraph, type OnnxNode, quoted, type Subgraph } from './graph.ts'
import { MAX_TENSOR_BYTES, MAX_TENSOR_ELEMENTS } from './limits.ts'
import { InferenceFailure, mismatch, OperatorCall, type TensorFact } from './operatorCall.ts'
import type { Inferred } from './operators/operator.ts'
import { operators } from './operators.ts'
import { countOf } from './shapeArithmetic.ts'

/** What follows from a graph and the shapes of its inputs, before anything runs. */
export interface Inference {
  /** Every tensor of the main graph by name. */
  facts: { get(name: string): TensorFact | undefined }
  /** Canonical operations of one run; one multiply-add = 2. */
  operations: number
}

/** Facts of one graph, over those of its constants and of the graph around it. Nothing is copied for a branch. */
class Facts {
  readonly #own = new Map<string, TensorFact>()
  readonly #constants: ReadonlyMap<string, TensorFact>
  readonly #around: Facts | undefined

  constructor(constants: ReadonlyMap<string, TensorFact>, around?: Facts) {
    this.#constants = constants
    this.#around = around
  }

  get(name: string): TensorFact | undefined {
    return this.#own.get(name) ?? this.#constants.get(name) ?? this.#around?.get(name)
  }

  set(name: string, fact: TensorFact): void {
    this.#own.set(name, fact)
  }
}

const constantFacts = new WeakMap<ReadonlyMap<string, ConstantTensor>, ReadonlyMap<string, TensorFact>>()

/** Constants as facts; made once a graph. */
function factsOfConstants(constants: ReadonlyMap<string, ConstantTensor>): ReadonlyMap<string, TensorFact> {
  const known = constantFacts.get(constants)
  if (known) return known
  const facts = new Map([...constants].map(([name, tensor]) => [name, { ...tensor, constant: true }]))
  constantFacts.set(constants, facts)
  return facts
}

/**
 * Infers the shape of every tensor and the cost of one run from the shapes of the inputs.
 * @throws OpentabError `invalid_value` with the node and the reason when the shapes cannot go into the graph; its
 * `cause` is an InferenceFailure
 */
export function inferShapes(
  graph: OnnxGraph,
  inputShapes: ReadonlyMap<string, readonly number[]>,
): Inference {
  const facts = new Facts(factsOfConstants(graph.constants))
  for (const { name, datatype, shape } of graph.inputs) {
    facts.set(name, { type: datatype, shape: checkedInput(name, shape, inputShapes.get(name)) })
  }
  return { facts, operations: walk(graph, graph.opset, facts) }
}

/** A given shape that fits the declared one. */
function checkedInput(
  name: string,
  declared: readonly (number | string)[],
  given: readonly number[] | undefined,
): readonly number[] {
  const fits =
    given?.length === declared.length &&
    given.every((size, axis) => {
      const wanted = declared[axis]
      return Number.isSafeInteger(size) && size >= 0 && (typeof wanted === 'string' || wanted === size)
    })
  if (given && fits && countOf(given) <= MAX_TENSOR_ELEMENTS) return given
  const got = given ? `has the shape [${given.join(', ')}]` : 'is missing'
  throw new OpentabError(
    'invalid_value',
    `Input ${quoted(name)} ${got}; the model takes [${declared.join(', ')}].`,
    {
      param: name,
      fix: 'Send the input with the shape that the model declares.',
    },
  )
}

/** Adds the facts of a graph's tensors and gives the operations of its nodes. */
function walk(graph: OnnxGraph | Subgraph, opset: number, facts: Facts): number {
  let operations = 0
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => (name === '' ? undefined : facts.get(name)))
    try {
      if (node.op === 'If') {
        operations += walkIf(node, opset, facts)
        continue
      }
      const operator = operators.get(node.op)
      if (!operator) throw mismatch('it is not on the allow-list')
      const call = new OperatorCall(node, opset, inputs)
      const outputs = asList(operator.infer(call))
      const constant =
        inputs.length > 0 && inputs.every((fact) => fact === undefined || fact.constant === true)
      for (const [index, name] of node.outputs.entries()) {
        if (name === '') continue
        const fact = outputs[index]
        if (!fact) throw mismatch(`it gives no output ${index}`)
        checkSize(fact)
        facts.set(
          name,
          constant ? { ...fact, constant } : fact.constant ? { ...fact, constant: false } : fact,
        )
      }
      if (!constant) operations += operator.cost(call, outputs.slice(0, node.outputs.length))
    } catch (error) {
      if (error instanceof InferenceFailure) throw failureAt(node, error)
      // An array that cannot be made: a size that is negative, broken or endless got this far.
      if (error instanceof RangeError) throw failureAt(node, mismatch(error.message))
      throw error
    }
  }
  if (!Number.isSafeInteger(operations)) {
    throw new OpentabError('invalid_value', 'One run would cost more operations than can be counted.', {
      cause: new InferenceFailure('too-large', 'too many operations'),
    })
  }
  return operations
}

/**
 * Both branches are walked; the dearer one is the cost. Where one cannot take these shapes, it is the other one that
 * runs. A condition that follows from shapes decides.
 */
function walkIf(node: OnnxNode, opset: number, facts: Facts): number {
  const condition = facts.get(node.inputs[0] ?? '')?.values?.[0]
  const names =
    condition === undefined
      ? ['then_branch', 'else_branch']
      : [condition === 0 ? 'else_branch' : 'then_branch']
  const results: { outputs: TensorFact[]; operations: number }[] = []
  let failure: unknown
  for (const name of names) {
    const branch = node.attributes.get(name)
    if (branch?.kind !== 'graph') throw mismatch(`it has no ${name}`)
    try {
      const inner = new Facts(factsOfConstants(branch.value.constants), facts)
      const operations = walk(branch.value, opset, inner)
      results.push({
        outputs: branch.value.outputs.map((output) => inner.get(output) as TensorFact),
        operations,
      })
    } catch (error) {
      if (!(error instanceof OpentabError) || problemOf(error) !== 'mismatch') throw error
      failure = error
    }
  }
  const [first, second] = results
  if (!first) throw failure
  node.outputs.forEach((name, index) => {
    const fact = first.outputs[index]
    const other = second?.outputs[index]
    if (!fact) throw mismatch(`its branches give no output ${index}`)
    if (other && (other.type !== fact.type || other.shape.join() !== fact.shape.join())) {
      throw new InferenceFailure(
        'depends-on-values',
        `its branches give [${fact.shape.join(', ')}] and [${other.shape.join(', ')}] as output ${index}`,
      )
    }
    facts.set(name, { type: fact.type, shape: fact.shape, values: second ? undefined : fact.values })
  })
  return Math.max(...results.map((result) => result.operations))
}

const asList = (inferred: Inferred): readonly (TensorFact | undefined)[] =>
  'shape' in inferred ? [inferred] : inferred

function checkSize({ shape, type }: TensorFact): void {
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw mismatch(`it would make a tensor of [${shape.join(', ')}]`)
  }
  const elements = countOf(shape)
  const bytes = elements * bytesOf(type)
  if (elements <= MAX_TENSOR_ELEMENTS && bytes <= MAX_TENSOR_BYTES) return
  throw new InferenceFailure('too-large', `it makes a tensor of [${shape.join(', ')}], ${bytes} bytes`)
}

const bytesOf = (type: Datatype): number => Math.max(1, datatypes[type].bytes)

const failureAt = (node: OnnxNode, failure: InferenceFailure): OpentabError =>
  new OpentabError('invalid_value', `${node.label} cannot take these input shapes: ${failure.message}.`, {
    cause: failure,
    fix: 'Send inputs of other shapes; GET /v2/models/NAME says which dimensions are free.',
  })

/** Why inference stopped; undefined for another error. */
export const problemOf = (error: unknown): InferenceFailure['problem'] | undefined =>
  error instanceof OpentabError && error.cause instanceof InferenceFailure ? error.cause.problem : undefined
