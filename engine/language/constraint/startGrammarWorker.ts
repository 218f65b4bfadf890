import type { GrammarReply, GrammarRequest } from './grammarMessages.ts'
import { nodeThreads } from './nodeThreads.ts'

/** The grammars' worker as its owner has it. */
export interface GrammarWorker {
  post(request: GrammarRequest): void
  /** Whether an answer is being waited for: Node ends when nothing else is left to do. */
  hold(isWaiting: boolean): void
  end(): void
}

export interface GrammarWorkerEvents {
  onReply(reply: GrammarReply): void
  /** It ended or could not be started. */
  onFailure(reason: string): void
}

export type StartGrammarWorker = (events: GrammarWorkerEvents) => GrammarWorker

/** A dedicated worker in browsers, a worker thread in Node. */
export const startGrammarWorker: StartGrammarWorker = (events) => {
  const threads = nodeThreads()
  return threads ? startThread(threads.Worker, events) : startDedicated(events)
}

function startDedicated({ onReply, onFailure }: GrammarWorkerEvents): GrammarWorker {
  const worker = new Worker(new URL('./grammarWorker.ts', import.meta.url), {
    type: 'module',
    name: 'grammar',
  })
  worker.onmessage = ({ data }) => onReply(data as GrammarReply)
  worker.onerror = ({ message }) => onFailure(message || 'its script could not be loaded')
  return { post: (request) => worker.postMessage(request), hold() {}, end: () => worker.terminate() }
}

function startThread(
  Thread: NonNullable<ReturnType<typeof nodeThreads>>['Worker'],
  { onReply, onFailure }: GrammarWorkerEvents,
): GrammarWorker {
  // In a variable, so that bundlers do not make a file of it.
  const entry = './grammarWorker.ts'
  const worker = new Thread(new URL(entry, import.meta.url))
  worker.on('message', (reply) => onReply(reply as GrammarReply))
  worker.on('error', (error) => onFailure(String(error)))
  worker.on('exit', () => onFailure('it ended'))
  worker.unref()
  return {
    post: (request) => worker.postMessage(request),
    hold: (isWaiting) => (isWaiting ? worker.ref() : worker.unref()),
    end: () => void worker.terminate(),
  }
}
