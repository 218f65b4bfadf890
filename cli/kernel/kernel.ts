import { setTimeout as delay } from 'node:timers/promises'
import { Command } from 'commander'
import { z } from 'zod'
import { CommandError } from '../commandError.ts'
import { type Context, command, contextOf, fileArgument, secondsArgument, show } from '../commandLine.ts'
import { callRelay } from '../relayClient.ts'
import { readJobFile } from './jobFile.ts'
import { hasMismatch, matrixRow, matrixTable } from './matrixTable.ts'
import { readReference } from './readReference.ts'

const LOOK_EVERY_MS = 100
/** Longest wait for tabs and their results, s. */
const WAIT_S = 120

const submitted = z.object({ id: z.string() })
const job = z.looseObject({
  state: z.string(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  result: z.looseObject({ matrix: z.array(matrixRow) }).nullable(),
})

interface Options {
  fleet?: boolean
  check?: string
  wait: number
  apiKey?: string
}

/** `opentab kernel run FILE` */
export const kernel = (): Command =>
  new Command('kernel')
    .description('run kernels of your own on other people’s devices')
    .addCommand(
      command('run', 'run a kernel in a tab, or on every kind of device that is connected')
        .argument('<file>', 'job file: *.kernel.json')
        .option('--fleet', 'on one tab of every connected device class')
        .option('--check <ref>', 'compare with the outputs in this file: JSON, or .npy for the first output')
        .option('--wait <seconds>', 'longest wait for the result', secondsArgument, WAIT_S)
        .option('--api-key <key>', 'API key, where the relay wants one')
        .action(run),
    )

/** Exit code 1 where a device class differs from what is right or could not run the kernel, 2 where the files cannot be what they are given as. */
async function run(file: string, { fleet, check, wait, apiKey }: Options, self: Command): Promise<void> {
  const context = contextOf(self)
  const given = await readJobFile(fileArgument(file))
  const { body } = given
  if (fleet) body.spread = { perClass: 1 }
  if (check !== undefined) body.reference = await readReference(fileArgument(check), given)
  const { id } = submitted.parse(await callRelay(context, '/v1/jobs', { body, token: apiKey }))
  const document = await jobEnd(context, id, wait, apiKey)
  const { state, error, result } = job.parse(document)
  if (state !== 'done' || result === null) {
    throw new CommandError(error?.message ?? `The job ended as ${state}.`, { document })
  }
  show(context, document, matrixTable(result.matrix))
  if (!hasMismatch(result.matrix)) return
  // With --json the document is out already: its verdicts say what is wrong.
  throw new CommandError('A device class differs from what is right, or could not run the kernel.')
}

/** The job when it has ended. A relay keeps it over a restart, so one that does not answer is asked again. */
async function jobEnd(
  context: Context,
  id: string,
  wait: number,
  token: string | undefined,
): Promise<unknown> {
  const until = performance.now() + wait * 1000
  let isGone = false
  let isTold = false
  for (;;) {
    try {
      const document = await callRelay(context, `/v1/jobs/${id}`, { token })
      isGone = false
      if (/^(done|failed|cancelled)$/.test(job.parse(document).state)) return document
    } catch (error) {
      if (!(error instanceof CommandError && error.unreachable)) throw error
      isGone = true
      if (!isTold)
        process.stderr.write(
          `No relay answers at ${context.relayUrl}. It keeps the job over a restart: it is asked again until --wait is over.\n`,
        )
      isTold = true
    }
    if (performance.now() > until) {
      if (isGone)
        throw new CommandError(`No result within ${wait} s: no relay answers at ${context.relayUrl}.`)
      await callRelay(context, `/v1/jobs/${id}`, { method: 'DELETE', token })
      throw new CommandError(
        `No result within ${wait} s. Custom kernels run in tabs whose contributor has switched them on.`,
      )
    }
    await delay(LOOK_EVERY_MS)
  }
}
