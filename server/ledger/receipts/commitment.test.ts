import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { inputHeader, inputTensors, outputHeader } from '../../../protocol/receiptCommitment.ts'
import type { TaskSpec } from '../../../protocol/task.ts'
import { type Tensor, tensorOf } from '../../../protocol/tensor.ts'
import { commitment, receiptSalts } from './commitment.ts'
import { StepCommitments } from './stepCommitments.ts'

const secret = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'
const salt = 'f0'.repeat(32)
const saltBytes = Buffer.from(salt, 'hex')
const inputOf = (spec: TaskSpec): string => commitment(salt, inputHeader(spec), inputTensors(spec))
const outputOf = (outputs: readonly Tensor[]): string => commitment(salt, outputHeader(outputs), outputs)
const sha256 = (...parts: (Uint8Array | string)[]): string => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}
const i8 = (name: string, ...values: number[]): Tensor =>
  tensorOf(name, 'INT8', [values.length], Int8Array.from(values))
const seeded: TaskSpec = {
  kind: 'kernel',
  kernel: 'matmul-i8',
  subject: 'a1'.repeat(32),
  shape: { m: 64, k: 32, n: 16 },
  seed: 7,
  inputs: [],
}

describe('the salts', () => {
  test('are the halves of one SHA-512, and differ between receipts, sides and secrets', () => {
    const whole = createHash('sha512').update(`${secret}/r1`).digest('hex')
    expect(receiptSalts(secret, 'r1')).toEqual({ inputSalt: whole.slice(0, 64), outputSalt: whole.slice(64) })
    const all = [receiptSalts(secret, 'r1'), receiptSalts(secret, 'r2'), receiptSalts('0'.repeat(64), 'r1')]
    expect(new Set(all.flatMap((salts) => [salts.inputSalt, salts.outputSalt])).size).toBe(6)
  })
})

describe('the bytes that are committed to', () => {
  test('of a seeded kernel are its name, seed and shape', () => {
    const header = '{"kernel":"matmul-i8","seed":7,"shape":{"k":32,"m":64,"n":16}}\n'
    expect(inputOf(seeded)).toBe(sha256(saltBytes, header))
  })

  test('of tensors are a list of what they are, then what they hold', () => {
    const inputs = [i8('a', 1, 2, -3), tensorOf('数', 'FP32', [], Float32Array.of(0.5))]
    const list = '[["a","INT8",[3],3],["数","FP32",[],4]]'
    const bytes = [inputs[0]!.bytes, inputs[1]!.bytes]
    const infer: TaskSpec = { kind: 'infer', model: 'b2'.repeat(32), graph: 2, inputs }
    expect(inputOf(infer)).toBe(sha256(saltBytes, `{"graph":2,"tensors":${list}}\n`, ...bytes))
    expect(inputOf({ ...seeded, seed: null, inputs })).toBe(
      sha256(
        saltBytes,
        `{"kernel":"matmul-i8","shape":{"k":32,"m":64,"n":16},"tensors":${list}}\n`,
        ...bytes,
      ),
    )
    expect(outputOf(inputs)).toBe(sha256(saltBytes, `{"tensors":${list}}\n`, ...bytes))
  })

  test('of a stage’s steps are the commitments of each, in order', () => {
    const salts = { inputSalt: salt, outputSalt: '0d'.repeat(32) }
    const steps = new StepCommitments(salts)
    const input = createHash('sha256').update(saltBytes)
    const output = createHash('sha256').update(Buffer.alloc(32, 0x0d))
    input.update('{"first":1,"last":2,"session":9,"steps":2}\n')
    output.update('{"steps":2}\n')
    for (const [position, values] of [
      [0, [1, 2]],
      [2, [3]],
    ] as const) {
      const hidden = i8('hidden', ...values)
      const list = `"tensors":[["hidden","INT8",[${values.length}],${values.length}]]`
      steps.add(
        { kind: 'stage', model: 'b2'.repeat(32), first: 1, last: 2, session: 9, position, inputs: [hidden] },
        [hidden],
      )
      const header = `{"first":1,"last":2,"position":${position},"session":9,${list}}\n`
      input.update(Buffer.from(sha256(saltBytes, header, hidden.bytes), 'hex'))
      output.update(Buffer.from(sha256(Buffer.alloc(32, 0x0d), `{${list}}\n`, hidden.bytes), 'hex'))
    }
    expect(steps.sums).toEqual({ input: input.digest('hex'), output: output.digest('hex') })
  })

  test('are the same whether they are hashed at once or in a stream', () => {
    for (const length of [0, 1, 16_200, 16_300, 16_384, 200_000]) {
      const tensors = [i8('x', 5), tensorOf('c', 'UINT8', [length], new Uint8Array(randomBytes(length)))]
      const header = outputHeader(tensors)
      expect(commitment(salt, header, tensors), `${length} bytes`).toBe(
        sha256(saltBytes, header, '\n', tensors[0]!.bytes, tensors[1]!.bytes),
      )
    }
  })

  test('differ when the same bytes are cut, shaped, typed or named otherwise', () => {
    const bytes = Uint8Array.of(1, 2, 3, 4)
    const of = (...tensors: Tensor[]): string => outputOf(tensors)
    const hashes = [
      of({ name: 'c', datatype: 'UINT8', shape: [4], bytes }),
      of({ name: 'c', datatype: 'UINT8', shape: [2, 2], bytes }),
      of({ name: 'c', datatype: 'INT8', shape: [4], bytes }),
      of({ name: 'd', datatype: 'UINT8', shape: [4], bytes }),
      of(i8('c', 1, 2), i8('d', 3, 4)),
      of(i8('c', 1), i8('d', 2, 3, 4)),
      of(i8('d', 3, 4), i8('c', 1, 2)),
      of(),
    ]
    expect(new Set(hashes).size).toBe(hashes.length)
  })

  test('a header is canonical JSON even for awkward names', () => {
    const header = inputHeader({ kind: 'infer', model: '', graph: 0, inputs: [i8('"\\\n\u2028é', 1)] })
    expect(header).toBe('{"graph":0,"tensors":[["\\"\\\\\\n\u2028é","INT8",[1],1]]}')
    expect(JSON.stringify(JSON.parse(header))).toBe(header)
  })
})
