import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parse } from 'npyjs'
import { z } from 'zod'
import { CommandError } from '../commandError.ts'

/** A tensor of a job file: `file` holds it as .npy, or its bytes raw and little-endian; else as in `POST /v1/jobs`. */
const fileTensor = z.looseObject({ name: z.string(), file: z.string().optional() })

/** What a `*.kernel.json` has beside the fields of `POST /v1/jobs`. */
const jobFile = z.looseObject({
  /** File of the program, beside the job file. */
  programFile: z.string().optional(),
  program: z.string().optional(),
  inputs: z.array(fileTensor).optional(),
  reference: z.array(fileTensor).optional(),
})

/** The body for `POST /v1/jobs`. */
export interface KernelJob {
  body: Record<string, unknown>
}

/** Reads a job file with the files that it names. @throws CommandError when it is no job file */
export async function readJobFile(file: string): Promise<KernelJob> {
  let parsed: z.infer<typeof jobFile>
  try {
    parsed = jobFile.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError)
      throw new CommandError(`${file} is no kernel job file: ${firstLine(error)}`)
    throw error
  }
  const { programFile, ...rest } = parsed
  const beside = (name: string): string => resolve(dirname(file), name)
  if ((programFile === undefined) === (rest.program === undefined))
    throw new CommandError(`${file} must have either \`programFile\` or \`program\`.`)
  const program = programFile === undefined ? rest.program : await readFile(beside(programFile), 'utf8')
  const tensors = (given: readonly z.infer<typeof fileTensor>[] | undefined) =>
    given && Promise.all(given.map((tensor) => withBytes(tensor, beside)))
  const [inputs, reference] = await Promise.all([tensors(rest.inputs), tensors(rest.reference)])
  return {
    body: { ...rest, kind: 'kernel', program, ...(inputs && { inputs }), ...(reference && { reference }) },
  }
}

async function withBytes(
  { file, ...tensor }: z.infer<typeof fileTensor>,
  beside: (name: string) => string,
): Promise<object> {
  if (file === undefined) return tensor
  if (file.endsWith('.npy')) return { ...(await readNpy(beside(file))), ...tensor }
  return { ...tensor, base64: (await readFile(beside(file))).toString('base64') }
}

const reference = z.union([
  z.object({ outputs: z.array(z.looseObject({ name: z.string() })) }),
  z.object({ result: z.object({ outputs: z.array(z.looseObject({ name: z.string() })) }) }),
])

/**
 * The tensors of a reference file: `{outputs: [tensor]}`, what `kernel run --json` printed, or an array of NumPy for the
 * kernel's first output.
 * @throws CommandError when it is none of these
 */
export async function readReference(file: string, { body }: KernelJob): Promise<object[]> {
  if (file.endsWith('.npy')) {
    const [first] = z.array(z.string()).min(1).parse(body.outputs)
    return [{ ...(await readNpy(file)), name: first }]
  }
  const parsed = reference.safeParse(JSON.parse(await readFile(file, 'utf8')))
  if (!parsed.success) throw new CommandError(`${file} has no outputs to compare with.`)
  const { outputs } = 'result' in parsed.data ? parsed.data.result : parsed.data
  return outputs.map(({ sha256: _, ...tensor }) => tensor)
}

const firstLine = (error: Error): string => error.message.split('\n')[0]!

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

/** Datatype, shape and bytes of a .npy file. @throws CommandError for another order or kind of elements */
async function readNpy(file: string): Promise<{ datatype: string; shape: number[]; base64: string }> {
  const bytes = Uint8Array.from(await readFile(file))
  const { data, shape, dtype, fortranOrder } = parse(bytes.buffer, { convertFloat16: false })
  const datatype = npyTypes.get(dtype)
  if (datatype === undefined || fortranOrder) {
    const what = `${dtype}${fortranOrder ? ' in Fortran order' : ''}`
    throw new CommandError(`${file} holds ${what}: save a plain array in C order.`)
  }
  const base64 = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')
  return { datatype, shape, base64 }
}
