/** Submits under way at once: one that runs and one that waits, so that the GPU never idles between them. */
const MAX_IN_FLIGHT = 2
/** A submit that took less says more about latency than about speed, ms. */
const SHORTEST_MEASURED_MS = 10

/** How fast a variant runs on this device, learnt from its submits. */
export interface Speed {
  operationsPerMs: number
}

/** Lets submits through two at a time and learns how long they take. */
export interface SubmitGate {
  /** Waits until fewer than two submits are under way. */
  enter(): Promise<void>
  /** Submits at once; call it after `enter` without an await between. */
  submit(commands: GPUCommandBuffer, operations: number, speed: Speed): void
}

export function createSubmitGate(device: GPUDevice, now: () => number = () => performance.now()): SubmitGate {
  const inFlight: Promise<void>[] = []
  let lastDoneMs = 0
  return {
    async enter() {
      while (inFlight.length >= MAX_IN_FLIGHT) await inFlight[0]
    },
    submit(commands, operations, speed) {
      const startedMs = now()
      device.queue.submit([commands])
      const done = () => {
        const doneMs = now()
        learn(speed, operations, doneMs - Math.max(startedMs, lastDoneMs))
        lastDoneMs = doneMs
        inFlight.shift()
      }
      inFlight.push(device.queue.onSubmittedWorkDone().then(done, done))
    },
  }
}

/** Moves half-way to what was measured; at most to a quarter or to four times, as one measurement can be a hiccup. */
function learn(speed: Speed, operations: number, tookMs: number): void {
  const measured = operations / Math.max(tookMs, 0.1)
  if (tookMs < SHORTEST_MEASURED_MS && measured < speed.operationsPerMs) return
  const bounded = Math.min(Math.max(measured, speed.operationsPerMs / 4), speed.operationsPerMs * 4)
  speed.operationsPerMs = (speed.operationsPerMs + bounded) / 2
}
