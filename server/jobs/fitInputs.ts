import { OpentabError } from '../../protocol/errors.ts'
import type { Graph } from '../../protocol/manifest.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import { INPUTS } from './tensorJson.ts'

/** The graph's inputs in its order. @throws OpentabError `invalid_value` naming the input that does not fit */
export function fitInputs(graph: Graph, tensors: readonly Tensor[]): Tensor[] {
  const names = graph.inputs.map((input) => input.name).join(', ')
  for (const tensor of tensors) {
    if (!graph.inputs.some((input) => input.name === tensor.name)) {
      throw new OpentabError('invalid_value', `The model has no input ${tensor.name}.`, {
        param: INPUTS,
        fix: `Its inputs are ${names}.`,
      })
    }
  }
  return graph.inputs.map((want) => {
    const given = tensors.filter((other) => other.name === want.name)
    const tensor = given[0]
    const fits =
      given.length === 1 &&
      tensor!.datatype === want.datatype &&
      tensor!.shape.length === want.shape.length &&
      want.shape.every((size, i) => typeof size === 'string' || size === tensor!.shape[i])
    if (fits) return tensor!
    const got =
      given.length > 1 ? 'given twice' : tensor ? `${tensor.datatype}[${tensor.shape.join(',')}]` : 'missing'
    throw new OpentabError(
      'invalid_value',
      `Input ${want.name} must be ${want.datatype}[${want.shape.join(',')}] and is ${got}.`,
      { param: INPUTS },
    )
  })
}
