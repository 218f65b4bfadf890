import type { GrammarCalls, GrammarReply, GrammarRequest } from './grammarMessages.ts'
import { createGrammarService } from './grammarService.ts'
import { loadXgrammar } from './loadXgrammar.ts'
import { nodeThreads } from './nodeThreads.ts'

// The grammars' worker: answers requests one after the other. It runs in a worker of its own because the library aborts on
// some grammars, takes minutes for others, and cannot be interrupted.

/** What the library prints: after an abort, why. */
let printed: string[] = []
console.error = console.warn = (...words: unknown[]) => printed.push(words.join(' '))

const service: Promise<GrammarCalls> = loadXgrammar().then(createGrammarService)

async function answer({ id, call, input }: GrammarRequest): Promise<GrammarReply> {
  printed = []
  try {
    const value: unknown = await (await service)[call](input as never)
    return { id, value }
  } catch (error) {
    const isPlain = error instanceof Error && ['Error', 'SyntaxError'].includes(error.name)
    // Else an abort, a trap, a stack that was too small, or whatever C++ threw.
    return {
      id,
      error: isPlain ? error.message : (reason() ?? `the grammar library failed (${error})`),
      broken: !isPlain,
    }
  }
}

/** `[FATAL] file:line: reason` of what was printed. */
function reason(): string | null {
  const fatal = printed.map((line) => /\[FATAL\] \S+?:\d+: (.*)/s.exec(line)?.[1]).find(Boolean)
  return fatal?.trim() ?? null
}

const port = nodeThreads()?.parentPort
const reply = (message: GrammarReply): void => {
  const mask = 'value' in message ? (message.value as { mask?: Uint32Array } | null)?.mask : undefined
  const moved = mask ? [mask.buffer as ArrayBuffer] : []
  if (port) port.postMessage(message, moved)
  else postMessage(message, moved)
}
if (port) port.on('message', (request) => void answer(request as GrammarRequest).then(reply))
else addEventListener('message', ({ data }) => void answer(data as GrammarRequest).then(reply))
