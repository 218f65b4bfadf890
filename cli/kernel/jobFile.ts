import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parse } from 'npyjs'
import { z } from 'zod'
import { allowedInWords } from '../../server/pipelines/issueInWords.ts'
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
  const isNone = (why: string): CommandError => new CommandError(`${file} is no kernel job file: ${why}`)
  const read = jobFile.safeParse(parseJson((await readFileOf(file)).toString(), isNone), {
    error: allowedInWords,
  })
  if (!read.success) throw isNone(inWords(read.error))
  const parsed = read.data
  const { programFile, ...rest } = parsed
  const beside = (name: string): string => resolve(dirname(file), name)
  if ((programFile === undefined) === (rest.program === undefined))
    throw new CommandError(`${file} must have either \`programFile\` or \`program\`.`)
  const program =
    programFile === undefined ? rest.program : (await readFileOf(beside(programFile))).toString()
  const tensors = (given: readonly z.infer<typeof fileTensor>[] | undefined) =>
    given && Promise.all(given.map((tensor) => withBytes(tensor, beside)))
  const [inputs, reference] = await Promise.all([tensors(rest.inputs), tensors(rest.reference)])
  if (reference) checkNames(file, reference, rest)
  return {
    body: { ...rest, kind: 'kernel', program, ...(inputs && { inputs }), ...(reference && { reference }) },
  }
}

async function withBytes(
  { file, ...tensor }: z.infer<typeof fileTensor>,
  beside: (name: string) => string,
): Promise<Named & Record<string, unknown>> {
  if (file === undefined) return tensor
  if (file.endsWith('.npy')) return { ...(await readNpy(beside(file))), ...tensor }
  return { ...tensor, base64: (await readFileOf(beside(file))).toString('base64') }
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
  try {
    const tensors = await readTensors(file, body)
    checkNames(file, tensors, body)
    return tensors
  } catch (error) {
    if (error instanceof CommandError) throw wrongUsage(error.message)
    throw error
  }
}

async function readTensors(file: string, body: KernelJob['body']): Promise<Named[]> {
  if (file.endsWith('.npy')) {
    const [first] = outputsOf(body)
    if (first === undefined) throw new CommandError('The job has no `outputs` to compare with it.')
    return [{ ...(await readNpy(file)), name: first }]
  }
  const isNone = (why: string): CommandError => new CommandError(`${file} is no JSON: ${why}`)
  const parsed = reference.safeParse(parseJson((await readFileOf(file)).toString(), isNone))
  if (!parsed.success) throw noOutputs(file)
  const { outputs } = 'result' in parsed.data ? parsed.data.result : parsed.data
  return outputs.map(({ sha256: _, ...tensor }) => tensor)
}

interface Named {
  name: string
}

const wrongUsage = (message: string): CommandError => new CommandError(message, { exitCode: 2 })
const noOutputs = (file: string): CommandError => wrongUsage(`${file} has no outputs to compare with.`)
const outputsOf = ({ outputs }: KernelJob['body']): string[] =>
  z.array(z.string()).safeParse(outputs).data ?? []

/** @throws CommandError of wrong usage where a reference compares nothing, or names what is no output of the job */
function checkNames(file: string, tensors: readonly Named[], body: KernelJob['body']): void {
  if (tensors.length === 0) throw noOutputs(file)
  const outputs = outputsOf(body)
  const wrong = tensors.find(({ name }) => !outputs.includes(name))
  if (wrong)
    throw wrongUsage(`${file} names ${wrong.name}, which is no output: these are ${outputs.join(', ')}.`)
}

/** @throws CommandError naming a folder */
async function readFileOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EISDIR') throw new CommandError(`${file} is a folder.`)
    throw error
  }
}

function parseJson(text: string, isNone: (why: string) => CommandError): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw isNone(error instanceof Error ? error.message.split('\n')[0]! : String(error))
  }
}

/** The first thing that is wrong: `programFile` must be a string. */
function inWords(error: z.ZodError): string {
  const { path, message } = error.issues[0]!
  return `${path.length === 0 ? 'it' : `\`${path.join('.')}\``} ${message}.`
}

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
    throw new CommandError(
      `${file} is no .npy file: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

/** Datatype, shape and bytes of a .npy file. @throws CommandError for another order or kind of elements */
async function readNpy(file: string): Promise<{ datatype: string; shape: number[]; base64: string }> {
  const bytes = Uint8Array.from(await readFileOf(file))
  const { data, shape, dtype, fortranOrder } = parseNpy(file, bytes)
  const datatype = npyTypes.get(dtype)
  if (datatype === undefined || fortranOrder) {
    const what = `${dtype}${fortranOrder ? ' in Fortran order' : ''}`
    throw new CommandError(`${file} holds ${what}: save a plain array in C order.`)
  }
  const base64 = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')
  return { datatype, shape, base64 }
}
