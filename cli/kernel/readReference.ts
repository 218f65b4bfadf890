import { z } from 'zod'
import type { CommandError } from '../commandError.ts'
import type { KernelJob } from './jobFile.ts'
import { parseJson, readFileOf, wrongUsage } from './readFileOf.ts'
import { readNpy } from './readNpy.ts'

/** A tensor of a reference. */
export interface Named {
  name: string
}

const reference = z.union([
  z.object({ outputs: z.array(z.looseObject({ name: z.string() })) }),
  z.object({ result: z.object({ outputs: z.array(z.looseObject({ name: z.string() })) }) }),
])

/**
 * The tensors of a reference file: `{outputs: [tensor]}`, what `kernel run --json` printed, or an array of NumPy for the
 * kernel's first output.
 * @throws CommandError of wrong usage when it is none of these
 */
export async function readReference(file: string, { body }: KernelJob): Promise<object[]> {
  const tensors = await readTensors(file, body)
  checkNames(file, tensors, body)
  return tensors
}

async function readTensors(file: string, body: KernelJob['body']): Promise<Named[]> {
  if (file.endsWith('.npy')) {
    const [first] = outputsOf(body)
    if (first === undefined) throw wrongUsage('The job has no `outputs` to compare with it.')
    return [{ ...(await readNpy(file)), name: first }]
  }
  const isNone = (why: string): CommandError => wrongUsage(`${file} is no JSON: ${why}`)
  const parsed = reference.safeParse(parseJson((await readFileOf(file)).toString(), isNone))
  if (!parsed.success) throw noOutputs(file)
  const { outputs } = 'result' in parsed.data ? parsed.data.result : parsed.data
  return outputs.map(({ sha256: _, ...tensor }) => tensor)
}

const noOutputs = (file: string): CommandError => wrongUsage(`${file} has no outputs to compare with.`)
const outputsOf = ({ outputs }: KernelJob['body']): string[] =>
  z.array(z.string()).safeParse(outputs).data ?? []

/** @throws CommandError of wrong usage where a reference compares nothing, or names what is no output of the job */
export function checkNames(file: string, tensors: readonly Named[], body: KernelJob['body']): void {
  if (tensors.length === 0) throw noOutputs(file)
  const outputs = outputsOf(body)
  const wrong = tensors.find(({ name }) => !outputs.includes(name))
  if (wrong)
    throw wrongUsage(`${file} names ${wrong.name}, which is no output: these are ${outputs.join(', ')}.`)
}
