import { parse } from 'npyjs'
import { elementCount } from '../../../protocol/tensor.ts'
import { LabError, wordsOf } from '../labWords.ts'

/** The array of a .npy file, in row-major order; 64-bit integers lose what a double cannot hold. */
export interface NpyArray {
  numbers: ArrayLike<number>
  shape: readonly number[]
  /** As NumPy calls it: `f4`, `i8`. */
  dtype: string
}

/** Whether a file's first bytes are those of a .npy file. */
export const isNpy = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x93 && String.fromCharCode(...bytes.subarray(1, 6)) === 'NUMPY'

/**
 * Reads a .npy file of real numbers.
 * @param file its name, for what is said
 * @throws LabError `fault.npy`, `fault.npyOrder`
 */
export function readNpy(file: string, bytes: Uint8Array): NpyArray {
  const { data, shape, dtype, fortranOrder } = parsed(file, bytes)
  if (fortranOrder && shape.length > 1) throw new LabError(wordsOf('fault.npyOrder', { file }))
  const count = elementCount(shape)
  if (dtype.startsWith('c') || dtype.startsWith('U') || data.length !== count) {
    const reason = `${dtype}[${shape.join(', ')}]`
    throw new LabError(wordsOf('fault.npy', { file, reason }))
  }
  return { numbers: numbersOf(data), shape, dtype }
}

type NpyData = ArrayLike<number | bigint | boolean>

const numbersOf = (data: NpyData): ArrayLike<number> =>
  typeof data[0] === 'number' ? (data as ArrayLike<number>) : Float64Array.from(data, Number)

function parsed(file: string, bytes: Uint8Array) {
  try {
    const { data, ...header } = parse(Uint8Array.from(bytes).buffer)
    return { ...header, data: data as unknown as NpyData }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new LabError(wordsOf('fault.npy', { file, reason }))
  }
}

/** Whether an array can stand for a tensor: its shape, or one dimension with as many elements. */
export const fitsShape = (shape: readonly number[], wanted: readonly number[]): boolean =>
  shape.length === 1
    ? shape[0] === elementCount(wanted)
    : shape.length === wanted.length && shape.every((size, at) => size === wanted[at])
