import { OpentabError } from '../../protocol/errors.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { ComputeApi, ComputeOutcome } from '../compute/computeApi.ts'
import type { Fault } from './linkApi.ts'

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

/** A compute worker that lies or fails as `fault()` says: for the tests of the relay's checks. */
export function faultyCompute(compute: ComputeApi, fault: () => Fault, lost: () => void): ComputeApi {
  let before: Tensor[] | null = null
  const bend = ({ outputs, computeMicros }: ComputeOutcome): ComputeOutcome => {
    const stale = before
    before = outputs
    if (fault() === 'stale') return { outputs: stale ?? outputs, computeMicros }
    const damage = damages[fault()]
    if (!damage) return { outputs, computeMicros }
    const damaged = outputs.map((tensor) => ({ ...tensor, bytes: tensor.bytes.slice() }))
    for (const { bytes } of damaged) damage(bytes)
    return { outputs: damaged, computeMicros }
  }
  return {
    open: (options) => compute.open(options),
    loadModel: (model, shards) => compute.loadModel(model, shards),
    unloadModel: (hash) => compute.unloadModel(hash),
    stop: () => compute.stop(),
    async run(spec) {
      if (fault() === 'lose-device') {
        lost()
        throw new OpentabError('device_lost', 'The device was lost by a test.')
      }
      return bend(await compute.run(spec))
    },
  }
}
