import { OpentabError } from '../../protocol/errors.ts'
import type { Graph } from '../../protocol/manifest.ts'
import { checkTensor, type Tensor } from '../../protocol/tensor.ts'

/** `input_ids i64[4,16], ...`: tensors in words, for messages. */
export const describeTensors = (tensors: readonly Tensor[]): string =>
  tensors.map(({ name, datatype, shape }) => `${name} ${datatype}[${shape.join(',')}]`).join(', ')

/**
 * Compares inputs with what the graph declares: names, datatypes, ranks and fixed sizes.
 * @throws OpentabError `invalid_value`
 */
export function checkInputs(graph: Graph, inputs: readonly Tensor[]): void {
  const given = new Map(inputs.map((tensor) => [tensor.name, tensor]))
  const refuse = (param: string, message: string) =>
    new OpentabError('invalid_value', message, {
      param,
      fix: `Graph ${graph.name} takes ${graph.inputs.map(({ name, datatype, shape }) => `${name} ${datatype}[${shape.join(',')}]`).join(', ')}.`,
    })
  if (given.size !== inputs.length) throw refuse('inputs', 'Two inputs have the same name.')
  for (const spec of graph.inputs) {
    const tensor = given.get(spec.name)
    if (!tensor) throw refuse(spec.name, `Input ${spec.name} of graph ${graph.name} is missing.`)
    given.delete(spec.name)
    checkTensor(tensor)
    const fits =
      tensor.datatype === spec.datatype &&
      tensor.shape.length === spec.shape.length &&
      // Sizes with the same name are left to the runtime: exporters give one name to sizes that differ.
      spec.shape.every((wanted, axis) => typeof wanted === 'string' || wanted === tensor.shape[axis])
    if (!fits) {
      throw refuse(
        spec.name,
        `Input ${spec.name} is ${tensor.datatype}[${tensor.shape.join(',')}] and does not fit ${spec.datatype}[${spec.shape.join(',')}].`,
      )
    }
  }
  for (const name of given.keys()) throw refuse(name, `Graph ${graph.name} has no input ${name}.`)
}
