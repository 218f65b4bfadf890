import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-common'
import type { InferTask } from '../../protocol/task.ts'
import { elementsOf, type Tensor } from '../../protocol/tensor.ts'
import { type RecordedRequest, recordTasks } from './recordTasks.ts'
import type { RequestName } from './requests.ts'

/** What the benchmark asks of this process: a request's tensors alone, or the whole request. */
export interface BareRequest {
  name: RequestName
  whole: boolean
  times: number
}

/** The part of onnxruntime-web and onnxruntime-node that is the same in both. */
interface Ort {
  InferenceSession: {
    create(bytes: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>
  }
  Tensor: typeof OrtTensor
}

// A process of its own, so that the threads of one side never meet those of another. Arguments: onnxruntime-web or
// onnxruntime-node, threads. Answers each BareRequest with the milliseconds of all its times; `ready` comes first.

const [packageName = 'onnxruntime-web', threadsText = '1'] = process.argv.slice(2)
const threads = Number(threadsText)
const isWeb = packageName === 'onnxruntime-web'
// What is recorded on the way to another runtime must not keep threads.
const requests = await recordTasks(isWeb ? threads : 1)
const ort = (await import(packageName)) as Ort

type Feeds = Record<string, OrtTensor>
const toOrt = (tensor: Tensor): OrtTensor => {
  const elements = elementsOf(tensor)
  if (elements instanceof Float32Array) return new ort.Tensor('float32', elements, tensor.shape)
  if (elements instanceof BigInt64Array) return new ort.Tensor('int64', elements, tensor.shape)
  throw new Error(`No flow sends ${tensor.datatype}.`)
}

async function prepare({ packaged, tasks }: RecordedRequest): Promise<() => Promise<void>> {
  const sessions = new Map<number, InferenceSession>()
  const runs: { session: InferenceSession; feeds: Feeds }[] = []
  const sessionOf = async ({ graph }: InferTask): Promise<InferenceSession> => {
    const known = sessions.get(graph)
    if (known) return known
    const { shards } = packaged.model.manifest.graphs[graph]!
    const session = await ort.InferenceSession.create(await packaged.readFile(shards[0]!.sha256), {
      executionProviders: [isWeb ? 'wasm' : 'cpu'],
      ...(isWeb ? {} : { intraOpNumThreads: threads }),
    })
    sessions.set(graph, session)
    return session
  }
  for (const task of tasks) {
    const feeds = Object.fromEntries(task.inputs.map((input) => [input.name, toOrt(input)]))
    runs.push({ session: await sessionOf(task), feeds })
  }
  return async () => {
    for (const { session, feeds } of runs) await session.run(feeds)
  }
}

const tensorsOnly = new Map<RequestName, () => Promise<void>>()
for (const request of requests) tensorsOnly.set(request.name, await prepare(request))

process.on('message', async ({ name, whole, times }: BareRequest) => {
  const run = whole ? requests.find((request) => request.name === name)!.answer : tensorsOnly.get(name)!
  const startedAt = performance.now()
  for (let time = 0; time < times; time++) await run()
  process.send!(performance.now() - startedAt)
})
process.once('disconnect', () => process.exit(0))
process.send!('ready')
