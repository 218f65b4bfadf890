import { elementCount } from '../../../protocol/tensor.ts'
import { coordinatesOf } from './compareNumbers.ts'
import type { Numbers } from './elementArrays.ts'
import type { SizedBuffer } from './labNumbersApi.ts'

/**
 * The output that an expression of the person's stands for. It sees the input buffers and the numbers by name, `i` (the
 * element's index) and `at` (its coordinates); it gives one element, or an array with all of them. It runs in this
 * worker, which has no network, as a module of its own.
 * @throws what the expression throws
 */
export async function expressionReference(
  text: string,
  inputs: ReadonlyMap<string, Numbers>,
  numbers: Readonly<Record<string, number>>,
  output: SizedBuffer,
): Promise<ArrayLike<number>> {
  const names = [...inputs.keys(), ...Object.keys(numbers)].filter((name) => /^[A-Za-z_$][\w$]*$/.test(name))
  const values = { ...Object.fromEntries(inputs), ...numbers }
  const code = `export default ({ ${[...new Set(names)].join(', ')} }) => (i, at) => (\n${text}\n)`
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))
  let element: (i: number, at: readonly number[]) => unknown
  try {
    const module: { default: (values: unknown) => typeof element } = await import(/* @vite-ignore */ url)
    element = module.default(values)
  } finally {
    URL.revokeObjectURL(url)
  }
  const count = elementCount(output.shape)
  if (count === 0) return []
  const first = element(0, coordinatesOf(0, output.shape))
  if (typeof first === 'object' && first !== null && 'length' in first) return first as ArrayLike<number>
  const elements = new Float64Array(count)
  elements[0] = Number(first)
  for (let i = 1; i < count; i++) elements[i] = Number(element(i, coordinatesOf(i, output.shape)))
  return elements
}
