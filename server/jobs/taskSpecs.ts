import { hash } from 'node:crypto'
import type { ModelRegistry } from '../../models/modelRegistry.ts'
import { OpentabError } from '../../protocol/errors.ts'
import type { InferTask, KernelName, KernelTask, TaskSpec } from '../../protocol/task.ts'
import { kernelCodes } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import { descriptorText } from '../../shaders/library.ts'
import { fitInputs } from './fitInputs.ts'
import type { InferBody, KernelBody, TaskBody } from './jobBodies.ts'
import { graphByName } from './namedModel.ts'
import { INPUTS, tensorFromJson } from './tensorJson.ts'

/** The subject hash of each library kernel. */
const kernelSubjects: Readonly<Record<KernelName, string>> = Object.fromEntries(
  (Object.keys(kernelCodes) as KernelName[]).map((name) => [
    name,
    hash('sha256', descriptorText(name), 'hex'),
  ]),
) as Record<KernelName, string>

/**
 * Makes the task of a body that asks for one: a library kernel or a model's graph. At once where nothing is to be read.
 * @throws OpentabError `invalid_value`, `model_not_found`, `not_found` for a blob
 */
export function taskSpecs(
  registry: ModelRegistry,
  readBlob: (sha256: string) => Promise<Uint8Array>,
): (body: TaskBody) => Promise<TaskSpec> | TaskSpec {
  const inputsOf = (inputs: readonly Parameters<typeof tensorFromJson>[0][]): Promise<Tensor[]> =>
    Promise.all(inputs.map((input) => tensorFromJson(input, readBlob)))
  return (body) => (body.kind === 'kernel' ? kernelSpec(body, inputsOf) : inferSpec(body, registry, inputsOf))
}

function kernelSpec(
  { kernel, shape, seed, inputs }: KernelBody,
  inputsOf: (inputs: NonNullable<KernelBody['inputs']>) => Promise<Tensor[]>,
): Promise<KernelTask> | KernelTask {
  const spec = { kind: 'kernel' as const, kernel, subject: kernelSubjects[kernel], shape }
  if (!inputs) return { ...spec, seed: seed!, inputs: [] }
  return inputsOf(inputs).then((tensors) => {
    const datatype = kernel === 'matmul-i8' ? 'INT8' : 'FP32'
    const wanted = [
      { name: 'a', shape: [shape.m, shape.k] },
      { name: 'b', shape: [shape.k, shape.n] },
    ]
    const ordered = wanted.map((want) => {
      const tensor = tensors.find((other) => other.name === want.name)
      if (tensor?.datatype === datatype && tensor.shape.join() === want.shape.join()) return tensor
      const got = tensor ? `${tensor.datatype}[${tensor.shape.join(',')}]` : 'missing'
      throw new OpentabError(
        'invalid_value',
        `Input ${want.name} of ${kernel} must be ${datatype}[${want.shape.join(',')}] and is ${got}.`,
        { param: INPUTS },
      )
    })
    if (tensors.length !== 2)
      throw new OpentabError(
        'invalid_value',
        `${kernel} takes two inputs, a and b; ${tensors.length} came.`,
        { param: INPUTS },
      )
    return { ...spec, seed: null, inputs: ordered }
  })
}

async function inferSpec(
  body: InferBody,
  registry: ModelRegistry,
  inputsOf: (inputs: InferBody['inputs']) => Promise<Tensor[]>,
): Promise<InferTask> {
  const { model, index, graph } = graphByName(registry, body.model)
  return {
    kind: 'infer',
    model: model.hash,
    graph: index,
    inputs: fitInputs(graph, await inputsOf(body.inputs)),
  }
}
