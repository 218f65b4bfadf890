import { parse } from 'npyjs'
import { readFileOf, wrongUsage } from './readFileOf.ts'

/** Datatypes by NumPy's names. */
const npyTypes: ReadonlyMap<string, string> = new Map([
  ['f2', 'FP16'],
  ['f4', 'FP32'],
  ['f8', 'FP64'],
  ['i1', 'INT8'],
  ['i2', 'INT16'],
  ['i4', 'INT32'],
  ['i8', 'INT64'],
  ['u1', 'UINT8'],
  ['u2', 'UINT16'],
  ['u4', 'UINT32'],
  ['u8', 'UINT64'],
])

function parseNpy(file: string, { buffer }: Uint8Array<ArrayBuffer>): ReturnType<typeof parse> {
  try {
    return parse(buffer, { convertFloat16: false })
  } catch (error) {
    throw wrongUsage(`${file} is no .npy file: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Datatype, shape and bytes of a .npy file. @throws CommandError of wrong usage for another order or kind of elements */
export async function readNpy(file: string): Promise<{ datatype: string; shape: number[]; base64: string }> {
  const bytes = Uint8Array.from(await readFileOf(file))
  const { data, shape, dtype, fortranOrder } = parseNpy(file, bytes)
  const datatype = npyTypes.get(dtype)
  if (datatype === undefined || fortranOrder) {
    const what = `${dtype}${fortranOrder ? ' in Fortran order' : ''}`
    throw wrongUsage(`${file} holds ${what}: save a plain array in C order.`)
  }
  const base64 = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')
  return { datatype, shape, base64 }
}
