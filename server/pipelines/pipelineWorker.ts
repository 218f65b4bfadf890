/** Entry of the pipeline thread: answers each request with its method's output or its error. */
import { parentPort } from 'node:worker_threads'
import { OpentabError } from '../../protocol/errors.ts'
import { buffersOf, type PipelineReply, type PipelineRequest, sendError } from './pipelineMessages.ts'
import { pipelineMethods } from './pipelineMethods.ts'

const methods = new Map<string, (input: never) => unknown>(Object.entries(pipelineMethods))

parentPort?.on('message', async ({ id, method, input }: PipelineRequest) => {
  let reply: PipelineReply
  try {
    const run = methods.get(method)
    if (!run) throw new OpentabError('internal', `The pipeline thread has no method ${method}.`)
    reply = { id, output: await run(input as never) }
  } catch (error) {
    reply = { id, error: sendError(error) }
  }
  parentPort?.postMessage(reply, [...buffersOf(reply)])
})
