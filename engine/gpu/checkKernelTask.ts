import { OpentabError } from '../../protocol/errors.ts'
import type { KernelTask } from '../../protocol/task.ts'
import { checkTensor } from '../../protocol/tensor.ts'
import { type KernelDescriptor, sizeOf } from '../../shaders/kernel.ts'

/**
 * Looks at a task before anything is sent to the GPU: shape, seed, and the inputs' datatypes, shapes and bytes.
 * @throws OpentabError `invalid_value`
 */
export function checkKernelTask(kernel: KernelDescriptor, { shape, seed, inputs }: KernelTask): void {
  for (const name of ['m', 'k', 'n'] as const) {
    if (!Number.isSafeInteger(shape[name]) || shape[name] < 1) {
      throw new OpentabError('invalid_value', `${kernel.name} cannot run with ${name} = ${shape[name]}.`, {
        param: name,
        fix: 'm, k and n are integers from 1 up.',
      })
    }
  }
  if (seed !== null) {
    if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
      throw new OpentabError('invalid_value', `The seed ${seed} is not a 32-bit number.`, {
        param: 'seed',
        fix: 'A seed is an integer from 0 to 4294967295.',
      })
    }
    return
  }
  const wanted = kernel.tensors.filter((tensor) => tensor.role === 'input')
  if (inputs.length !== wanted.length) {
    throw new OpentabError(
      'invalid_value',
      `${kernel.name} takes ${wanted.length} inputs or a seed, and has ${inputs.length} inputs.`,
      { param: 'inputs' },
    )
  }
  for (const [index, tensor] of wanted.entries()) {
    const input = inputs[index]!
    checkTensor(input)
    const dimensions = tensor.shape.map((size) => sizeOf(size, shape))
    const expected = `${tensor.datatype}[${dimensions}]`
    const given = `${input.datatype}[${input.shape}]`
    if (given !== expected) {
      throw new OpentabError('invalid_value', `Input ${tensor.name} must be ${expected} and is ${given}.`, {
        param: tensor.name,
        fix: 'Make the inputs agree with m, k and n.',
      })
    }
  }
}
