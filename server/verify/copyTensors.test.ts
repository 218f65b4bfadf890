import { expect, it } from 'vitest'
import { tensorOf } from '../../protocol/tensor.ts'
import { copyTensors } from './copyTensors.ts'

const bytesOf = (length: number, first: number) =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + first) & 255)

it('copies every byte and leaves the originals', async () => {
  const frame = bytesOf(3_500_000, 1)
  const tensors = [
    tensorOf('empty', 'UINT8', [0], new Uint8Array(0)),
    tensorOf('large', 'UINT8', [3_400_001], frame.subarray(7, 3_400_008)),
    tensorOf('small', 'UINT8', [9], frame.subarray(1, 10)),
  ]
  const { tensors: copies, transfer } = await copyTensors(tensors)
  expect(copies.map(({ name, shape }) => [name, ...shape])).toEqual([
    ['empty', 0],
    ['large', 3_400_001],
    ['small', 9],
  ])
  for (const [i, copy] of copies.entries()) {
    expect(Buffer.compare(copy.bytes, tensors[i]!.bytes)).toBe(0)
    expect(copy.bytes.buffer).toBe(transfer[i])
    expect(copy.bytes.byteOffset).toBe(0)
  }
  expect(frame.byteLength).toBe(3_500_000)
})

it('gives the event loop a turn after each mebibyte, and none for less', async () => {
  const turnsFor = async (bytes: number) => {
    let turns = 0
    let going = true
    const count = (): void => {
      if (!going) return
      turns++
      setImmediate(count)
    }
    setImmediate(count)
    await copyTensors([tensorOf('x', 'UINT8', [bytes], new Uint8Array(bytes))])
    going = false
    return turns
  }
  expect(await turnsFor(1024 * 1024 - 1)).toBe(0)
  expect(await turnsFor(3 * 1024 * 1024)).toBeGreaterThanOrEqual(2)
})
