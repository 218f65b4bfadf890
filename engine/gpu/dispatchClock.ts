/** Length of one measurement, ms: far over the 100 µs to which browsers round timestamps. */
const BLOCK_MS = 20
/** Most runs in one measurement. */
const MOST_RUNS = 2000

/** Adds one run to a pass. */
export type EncodeRun = (pass: GPUComputePassEncoder) => void

/** Measures how long dispatches take on a device. */
export interface DispatchClock {
  /** By timestamps that the GPU takes, or by the wall time from the submit to its end. */
  method: 'timestamps' | 'wall'
  /** Time of a number of runs in one submit, ms. */
  measure(encode: EncodeRun, runs: number): Promise<number>
  destroy(): void
}

/** A clock by timestamps where the device has the feature `timestamp-query`, else by wall time. */
export function createDispatchClock(device: GPUDevice): DispatchClock {
  const commandsFor = (
    encode: EncodeRun,
    runs: number,
    timestampWrites?: GPUComputePassTimestampWrites,
  ): GPUCommandEncoder => {
    const encoder = device.createCommandEncoder()
    const pass = encoder.beginComputePass(timestampWrites && { timestampWrites })
    for (let run = 0; run < runs; run++) encode(pass)
    pass.end()
    return encoder
  }
  if (!device.features.has('timestamp-query')) {
    return {
      method: 'wall',
      async measure(encode, runs) {
        const commands = commandsFor(encode, runs).finish()
        const startMs = performance.now()
        device.queue.submit([commands])
        await device.queue.onSubmittedWorkDone()
        return performance.now() - startMs
      },
      destroy: () => {},
    }
  }
  const querySet = device.createQuerySet({ type: 'timestamp', count: 2 })
  const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage
  const resolved = device.createBuffer({ size: 16, usage: QUERY_RESOLVE | COPY_SRC })
  const readable = device.createBuffer({ size: 16, usage: COPY_DST | MAP_READ })
  return {
    method: 'timestamps',
    async measure(encode, runs) {
      const encoder = commandsFor(encode, runs, {
        querySet,
        beginningOfPassWriteIndex: 0,
        endOfPassWriteIndex: 1,
      })
      encoder.resolveQuerySet(querySet, 0, 2, resolved, 0)
      encoder.copyBufferToBuffer(resolved, 0, readable, 0, 16)
      device.queue.submit([encoder.finish()])
      await readable.mapAsync(GPUMapMode.READ)
      const [begun = 0n, ended = 0n] = new BigUint64Array(readable.getMappedRange())
      const ns = Number(ended - begun)
      readable.unmap()
      return ns / 1e6
    },
    destroy() {
      querySet.destroy()
      resolved.destroy()
      readable.destroy()
    },
  }
}

/**
 * How many runs make one measurement: 1 to `most`. It tries some.
 * @param measure takes the time of a number of runs, ms
 */
export async function runsOfMeasurement(
  measure: (runs: number) => Promise<number>,
  most = MOST_RUNS,
): Promise<number> {
  const runs = (ms: number): number => Math.max(1, Math.min(most, MOST_RUNS, Math.round(ms)))
  const onceMs = await measure(1)
  // Many short runs look longer when one is submitted alone: ask again with a few.
  const few = runs(BLOCK_MS / 4 / Math.max(onceMs, 0.005))
  const ms = few === 1 ? onceMs : (await measure(few)) / few
  return runs(BLOCK_MS / Math.max(ms, 0.002))
}
