import type { LanguageModel } from '../../protocol/language.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { ComputeFaults, ComputeOutcome } from '../compute/computeApi.ts'
import { IDLE_STAGE_MS, idleOutputs } from './idleStage.ts'
import type { Fault } from './linkApi.ts'
import type { ComputeHost, ComputePort } from './tabEnvironment.ts'

/** The fault that is switched on, and how one that happens once is switched off. */
export interface FaultSwitch {
  now(): Fault
  spent(): void
}

const damages: Partial<Record<Fault, (bytes: Uint8Array) => void>> = {
  zeros: (bytes) => bytes.fill(0),
  noise: (bytes) => {
    for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 197 + 71) & 0x3f
  },
  'bit-flip': (bytes) => {
    const at = bytes.length >> 1
    if (bytes.length > 0) bytes[at] = bytes[at]! ^ 0x40
  },
}

/** A compute worker that lies or fails as the switch says: for the tests of the relay's checks. */
export function faultyCompute(compute: ComputePort, fault: FaultSwitch): ComputePort {
  let before: Tensor[] | null = null
  const languages = new Map<string, LanguageModel>()
  let idle: Promise<unknown> = Promise.resolve()
  const bend = ({ outputs, computeMicros }: ComputeOutcome): ComputeOutcome => {
    const stale = before
    before = outputs
    if (fault.now() === 'stale') return { outputs: stale ?? outputs, computeMicros }
    const damage = damages[fault.now()]
    if (!damage) return { outputs, computeMicros }
    const damaged = outputs.map((tensor) => ({ ...tensor, bytes: tensor.bytes.slice() }))
    for (const { bytes } of damaged) damage(bytes)
    return { outputs: damaged, computeMicros }
  }
  return {
    open: (options) => compute.open(options),
    loadModel: (model, shards, range) => {
      if (model.manifest.language) languages.set(model.hash, model.manifest.language)
      return compute.loadModel(model, shards, range)
    },
    unloadModel: (hash) => compute.unloadModel(hash),
    stop: () => compute.stop(),
    loseDevice: () => compute.loseDevice(),
    endRun: (run) => compute.endRun(run),
    hearTokens: (listener) => compute.hearTokens(listener),
    adoptTuning: (choices) => compute.adoptTuning(choices),
    hearTuning: (listener) => compute.hearTuning(listener),
    async run(spec, run) {
      if (fault.now() === 'lose-device' && spec.kind === 'kernel') {
        fault.spent()
        await compute.loseDevice()
      }
      const language = spec.kind === 'stage' && languages.get(spec.model)
      if (fault.now() === 'idle-stage' && language) {
        // One after the other, as a stage that computes.
        idle = idle.then(() => new Promise((done) => setTimeout(done, IDLE_STAGE_MS)))
        await idle
        return { outputs: idleOutputs(language, spec), computeMicros: IDLE_STAGE_MS * 1000 }
      }
      return bend(await compute.run(spec, run))
    },
  } satisfies ComputePort & ComputeFaults
}

/** A host whose workers are faulty. */
export const faultyHost = (host: ComputeHost, fault: FaultSwitch): ComputeHost => ({
  spawn: async () => faultyCompute(await host.spawn(), fault),
  kill: () => host.kill(),
})
