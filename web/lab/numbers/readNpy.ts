import { parse } from 'npyjs'
import { elementCount } from '../../../protocol/tensor.ts'
import { LabError, wordsOf } from '../labWords.ts'

/** The array of a .npy file, in row-major order; 64-bit integers are bigint. */
export interface NpyArray {
  numbers: ArrayLike<number | bigint>
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
 * @throws LabError `fault.npy`, `fault.npyDtype`, `fault.npyCut`, `fault.npyOrder`
 */
export function readNpy(file: string, bytes: Uint8Array): NpyArray {
  if (!isNpy(bytes)) throw new LabError(wordsOf('fault.npy', { file }))
  const { data, shape, dtype, fortranOrder } = parsed(file, bytes)
  if (/^[cU]/.test(dtype)) throw new LabError(wordsOf('fault.npyDtype', { file, dtype }))
  if (fortranOrder && shape.length > 1) throw new LabError(wordsOf('fault.npyOrder', { file }))
  if (data.length !== elementCount(shape))
    throw new LabError(wordsOf('fault.npyCut', { file, shape: shape.join(', ') }))
  return { numbers: numbersOf(data), shape, dtype }
}

type NpyData = ArrayLike<number | bigint | boolean>

const numbersOf = (data: NpyData): ArrayLike<number | bigint> =>
  typeof data[0] === 'boolean' ? Uint8Array.from(data, Number) : (data as ArrayLike<number | bigint>)

/** @throws LabError `fault.npyDtype`, `fault.npyCut` */
function parsed(file: string, bytes: Uint8Array) {
  try {
    const { data, ...header } = parse(Uint8Array.from(bytes).buffer)
    return { ...header, data: data as unknown as NpyData }
  } catch (error) {
    const dtype = /^Unsupported dtype: (\S+)/.exec(error instanceof Error ? error.message : '')?.[1]
    if (dtype) throw new LabError(wordsOf('fault.npyDtype', { file, dtype }))
    // What is left: a header or elements that end in the middle.
    throw new LabError(wordsOf('fault.npyCut', { file, shape: 'none' }))
  }
}

/** Whether an array can stand for a tensor: its shape, or one dimension with as many elements. */
export const fitsShape = (shape: readonly number[], wanted: readonly number[]): boolean =>
  shape.length === 1
    ? shape[0] === elementCount(wanted)
    : shape.length === wanted.length && shape.every((size, at) => size === wanted[at])
