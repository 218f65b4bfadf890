import { parentPort } from 'node:worker_threads'
import { OpentabError } from '../../protocol/errors.ts'
import type { ThreadAnswer, ThreadRequest } from './threadPool.ts'

export interface AnswerOptions {
  /** Whether the thread should be replaced after this error, e.g. because its memory cannot be given back. */
  restartAfter?(error: unknown): boolean
}

/** The thread's half of ThreadPool: answers each request with what `handle` gives, and its CPU time. */
export function answerRequests<Body, Answer>(
  handle: (body: Body) => Answer | Promise<Answer>,
  options: AnswerOptions = {},
): void {
  const port = parentPort
  if (port === null)
    throw new OpentabError('internal', 'A checking thread was started outside a worker thread.')
  port.on('message', async ({ id, body }: ThreadRequest<Body>) => {
    const before = process.threadCpuUsage()
    let reply: ThreadAnswer<Answer>
    try {
      reply = { id, answer: await handle(body), cpuMs: 0 }
    } catch (error) {
      reply = {
        id,
        error: {
          code: error instanceof OpentabError ? error.code : 'check_unavailable',
          message: error instanceof Error ? error.message : String(error),
        },
        cpuMs: 0,
        restart: options.restartAfter?.(error) ?? false,
      }
    }
    const spent = process.threadCpuUsage(before)
    reply.cpuMs = (spent.user + spent.system) / 1000
    port.postMessage(reply)
  })
}
