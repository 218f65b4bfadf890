import type { TensorSpec } from '../../protocol/manifest.ts'
import type { OnnxGraph } from './graph.ts'
import { type Inference, inferShapes, problemOf } from './inferShapes.ts'
import { refusal } from './refuse.ts'

/** Sizes that are tried for all named dimensions at once, smallest first: batches and lengths, then image sides. */
const TRIAL_SIZES = [1, 2, 8, 32, 64, 128, 224, 320, 512]

/** What a graph takes and gives. */
export interface GraphSpecs {
  inputs: TensorSpec[]
  outputs: TensorSpec[]
}

/**
 * Inputs and outputs of a graph for its manifest. The graph is inferred once on small shapes, which finds the outputs
 * that the file gives no shape and the graphs that cannot be priced.
 * @throws OpentabError `model_refused` when a shape depends on values, when a tensor is too large even for the
 * smallest inputs, or when fixed shapes do not go together
 */
export function graphSpecs(graph: OnnxGraph): GraphSpecs {
  const trial = trialInference(graph)
  const outputs = graph.outputs.map(({ name, datatype, shape }) => {
    const found = trial?.facts.get(name)
    if (found && found.type !== datatype) {
      throw refusal(`Output ${JSON.stringify(name)} is declared as ${datatype} and is ${found.type}.`)
    }
    if (found && shape && found.shape.length !== shape.length) {
      throw refusal(
        `Output ${JSON.stringify(name)} is declared with ${shape.length} dimensions and has ${found.shape.length}.`,
      )
    }
    const known = shape ?? found?.shape.map((_, axis) => `${name}_${axis}`)
    if (!known) throw refusal(`Output ${JSON.stringify(name)} declares no shape, and none could be inferred.`)
    return { name, datatype, shape: known }
  })
  return { inputs: graph.inputs, outputs }
}

/**
 * The graph inferred on the smallest shapes that go through it; undefined where none of those tried does.
 * @throws OpentabError `model_refused` as `graphSpecs`
 */
export function trialInference(graph: OnnxGraph): Inference | undefined {
  const fixed = graph.inputs.every(({ shape }) => shape.every((size) => typeof size === 'number'))
  for (const trialSize of fixed ? [1] : TRIAL_SIZES) {
    const shapes = graph.inputs.map(
      ({ name, shape }) =>
        [name, shape.map((size) => (typeof size === 'string' ? trialSize : size))] as const,
    )
    try {
      return inferShapes(graph, new Map(shapes))
    } catch (error) {
      const problem = problemOf(error)
      if (problem === undefined) throw error
      if (problem === 'mismatch' && !fixed) continue
      if (problem === 'too-large' && trialSize > 1) return undefined
      throw refusal(error instanceof Error ? error.message : String(error))
    }
  }
  return undefined
}
