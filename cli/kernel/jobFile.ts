import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { withoutByteOrderMark } from '../../protocol/kernel/wgslText.ts'
import { allowedInWords } from '../../server/pipelines/issueInWords.ts'
import type { CommandError } from '../commandError.ts'
import { parseJson, readFileOf, wrongUsage } from './readFileOf.ts'
import { readNpy } from './readNpy.ts'
import { checkNames, type Named } from './readReference.ts'

/** A tensor of a job file: `file` holds it as .npy, or its bytes raw and little-endian; else as in `POST /v1/jobs`. */
const fileTensor = z.looseObject({ name: z.string(), file: z.string().optional() })

/** What a `*.kernel.json` has beside the fields of `POST /v1/jobs`. */
const jobFile = z.looseObject({
  /** File of the program, beside the job file. */
  programFile: z.string().optional(),
  program: z.string().optional(),
  inputs: z.array(fileTensor).optional(),
  reference: z.array(fileTensor).optional(),
  /** The lab's own (web/lab/jobFile.ts). */
  lab: z.unknown().optional(),
})

/** The body for `POST /v1/jobs`. */
export interface KernelJob {
  body: Record<string, unknown>
}

/** Reads a job file with the files that it names. @throws CommandError of wrong usage when it is no job file, or a file that it names cannot be read */
export async function readJobFile(file: string): Promise<KernelJob> {
  if (file.endsWith('.wgsl'))
    throw wrongUsage(`${file} is a program. Give a job file that names it: the lab's Export writes one.`)
  const isNone = (why: string): CommandError => wrongUsage(`${file} is no kernel job file: ${why}`)
  const read = jobFile.safeParse(parseJson((await readFileOf(file)).toString(), isNone), {
    error: allowedInWords,
  })
  if (!read.success) throw isNone(inWords(read.error))
  const parsed = read.data
  const { programFile, lab: _, ...rest } = parsed
  const beside = (name: string): string => resolve(dirname(file), name)
  if ((programFile === undefined) === (rest.program === undefined))
    throw wrongUsage(`${file} must have either \`programFile\` or \`program\`.`)
  const program =
    programFile === undefined
      ? rest.program
      : withoutByteOrderMark((await readFileOf(beside(programFile))).toString())
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

/** The first thing that is wrong: `programFile` must be a string. */
function inWords(error: z.ZodError): string {
  const { path, message } = error.issues[0]!
  return `${path.length === 0 ? 'it' : `\`${path.join('.')}\``} ${message}.`
}
