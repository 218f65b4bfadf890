/** Node's own; absent in browsers. */
const immediate = (globalThis as { setImmediate?: (callback: () => void) => unknown }).setImmediate

/**
 * Resolves in a task of its own, so that messages which came in meanwhile are heard before. A run on WASM ends without
 * one: a loop of runs would hear of nothing until its end. A timer would wait 4 ms each time.
 */
export const nextTask: () => Promise<void> = immediate
  ? () => new Promise((resolve) => immediate(resolve))
  : byMessages()

function byMessages(): () => Promise<void> {
  const waiting: (() => void)[] = []
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => waiting.shift()?.()
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      port2.postMessage(null)
    })
}
