import { wrap } from 'comlink'
import type { BareChat } from '../bareChatApi.ts'

// What the benchmark drives from outside: the engine's language runner in a plain dedicated worker.

const worker = new Worker(new URL('./bareWorker.ts', import.meta.url), { type: 'module', name: 'bare' })
Object.assign(globalThis, { bareChat: wrap<BareChat>(worker) })
