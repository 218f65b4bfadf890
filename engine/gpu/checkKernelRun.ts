import { OpentabError } from '../../protocol/errors.ts'
import { checkTensor } from '../../protocol/tensor.ts'
import { argumentsOf, type KernelArgument } from '../../shaders/kernel.ts'
import { sizeOf } from '../../shaders/size.ts'
import type { KernelRun } from './kernelRun.ts'

/**
 * Looks at a run before anything is sent to the GPU: arguments, seed, and the inputs' datatypes, shapes and bytes.
 * @throws OpentabError `invalid_value`
 */
export function checkKernelRun({ kernel, shape, seed, inputs }: KernelRun): void {
  for (const argument of argumentsOf(kernel)) {
    const value = shape[argument.name]
    if (value !== undefined && takes(argument, value)) continue
    throw new OpentabError('invalid_value', `${kernel.name} cannot run with ${argument.name} = ${value}.`, {
      param: argument.name,
      fix: `${argument.name} is ${inWords(argument)}.`,
    })
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
        fix: `Make the inputs agree with ${argumentsOf(kernel)
          .map(({ name }) => name)
          .join(', ')}.`,
      })
    }
  }
}

function takes({ type, least, most, multipleOf = 1 }: KernelArgument, value: number): boolean {
  const whole = type === 'f32' || (Number.isSafeInteger(value) && value % multipleOf === 0)
  return whole && value >= least && value <= most
}

function inWords({ type, least, most, multipleOf = 1 }: KernelArgument): string {
  const kind = type === 'f32' ? 'a number' : multipleOf === 1 ? 'an integer' : `a multiple of ${multipleOf}`
  return most === Number.MAX_SAFE_INTEGER ? `${kind} from ${least} up` : `${kind} from ${least} to ${most}`
}
