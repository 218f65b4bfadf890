import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { CommandError } from '../commandError.ts'

/** A tensor of a job file: `file` holds its bytes, raw and little-endian; else as in `POST /v1/jobs`. */
const fileTensor = z.looseObject({ name: z.string(), file: z.string().optional() })

/** What a `*.kernel.json` has beside the fields of `POST /v1/jobs`. */
const jobFile = z.looseObject({
  /** File of the program, beside the job file. */
  programFile: z.string().optional(),
  program: z.string().optional(),
  inputs: z.array(fileTensor).optional(),
  reference: z.array(fileTensor).optional(),
})

/** The body for `POST /v1/jobs`, and what the program is called in messages. */
export interface KernelJob {
  body: Record<string, unknown>
  programName: string
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
    programName: programFile ?? file,
  }
}

async function withBytes(
  { file, ...tensor }: z.infer<typeof fileTensor>,
  beside: (name: string) => string,
): Promise<object> {
  return file === undefined
    ? tensor
    : { ...tensor, base64: (await readFile(beside(file))).toString('base64') }
}

const reference = z.union([
  z.object({ outputs: z.array(z.looseObject({ name: z.string() })) }),
  z.object({ result: z.object({ outputs: z.array(z.looseObject({ name: z.string() })) }) }),
])

/**
 * The tensors of a reference file: `{outputs: [tensor]}`, or what `kernel run --json` printed.
 * @throws CommandError when it is neither
 */
export async function readReference(file: string): Promise<object[]> {
  const parsed = reference.safeParse(JSON.parse(await readFile(file, 'utf8')))
  if (!parsed.success) throw new CommandError(`${file} has no outputs to compare with.`)
  const { outputs } = 'result' in parsed.data ? parsed.data.result : parsed.data
  return outputs.map(({ sha256: _, ...tensor }) => tensor)
}

const firstLine = (error: Error): string => error.message.split('\n')[0]!
