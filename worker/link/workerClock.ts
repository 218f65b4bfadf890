import type { Clock } from './tabEnvironment.ts'

/** The clock of a browser worker. Its timers run on in hidden tabs. */
export function workerClock(): Clock {
  const turns: (() => void)[] = []
  // A message queues behind those that wait already; setTimeout(0) would be held back to 4 ms when nested.
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => turns.shift()?.()
  return {
    now: () => Date.now(),
    after(ms, run) {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
    soon(run) {
      turns.push(run)
      port2.postMessage(null)
    },
  }
}
