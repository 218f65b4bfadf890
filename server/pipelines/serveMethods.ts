import { parentPort } from 'node:worker_threads'
import { OpentabError } from '../../protocol/errors.ts'
import { buffersOf, type PipelineReply, type PipelineRequest, sendError } from './pipelineMessages.ts'

/** Inside a thread: answers each request with its method's output or its error. */
export function serveMethods(methods: object): void {
  const byName = new Map<string, (input: never) => unknown>(Object.entries(methods))
  parentPort?.on('message', async ({ id, method, input }: PipelineRequest) => {
    let reply: PipelineReply
    try {
      const run = byName.get(method)
      if (!run) throw new OpentabError('internal', `The thread has no method ${method}.`)
      reply = { id, output: await run(input as never) }
    } catch (error) {
      reply = { id, error: sendError(error) }
    }
    parentPort?.postMessage(reply, [...buffersOf(reply)])
  })
}
