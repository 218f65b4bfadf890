import { randomBytes } from 'node:crypto'

/**
 * What an answer has beside the request: made once, when the request is taken, so that a job that goes on after a
 * restart gives the same answer.
 */
export interface RequestStamp {
  /** Random part of the answer's ids, 24 characters. */
  id: string
  /** Epoch seconds. */
  created: number
  /** 64 bits, high half first: the request's seed, else drawn. */
  seed: [number, number]
}

/** @param seed the request's; an integer of 64 bits */
export function stampRequest(nowMs: number, seed: number | bigint | null | undefined): RequestStamp {
  return {
    id: randomBytes(12).toString('hex'),
    created: Math.floor(nowMs / 1000),
    seed:
      seed == null ? [randomBytes(4).readUInt32LE(), randomBytes(4).readUInt32LE()] : seedWords(BigInt(seed)),
  }
}

/** Seed of an answer of several: the request's plus the answer's number, so that they differ and the first keeps it. */
export const seedOfChoice = ([high, low]: RequestStamp['seed'], choice: number): RequestStamp['seed'] =>
  seedWords((BigInt(high) << 32n) + BigInt(low) + BigInt(choice))

function seedWords(seed: bigint): [number, number] {
  const bits = BigInt.asUintN(64, seed)
  return [Number(bits >> 32n), Number(bits & 0xffffffffn)]
}
