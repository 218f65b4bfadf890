import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { tensorOf } from '../../protocol/tensor.ts'
import { fakeModel } from './fakeLanguage.ts'
import { RowLog } from './rowLog.ts'
import { SessionInputs } from './sessionInputs.ts'

const folder = mkdtempSync(join(tmpdir(), 'opentab-rows-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A row of two parts, of which each byte says where it belongs. */
const matrix = (rows: number, first: number, rowBytes: number, salt: number): Uint8Array =>
  Uint8Array.from(
    { length: rows * rowBytes },
    (_, i) => ((first + Math.floor(i / rowBytes)) * 7 + (i % rowBytes) + salt) & 0xff,
  )
const partsOf = (rows: number, first: number) => [
  { bytes: matrix(rows, first, 5, 0), rowBytes: 5 },
  { bytes: matrix(rows, first, 3, 100), rowBytes: 3 },
]
function rowsOf(from: number, to: number): number[] {
  const [a, b] = partsOf(to - from, from)
  const bytes: number[] = []
  for (let row = 0; row < to - from; row++)
    bytes.push(...a!.bytes.subarray(row * 5, row * 5 + 5), ...b!.bytes.subarray(row * 3, row * 3 + 3))
  return bytes
}

describe('a log of rows', () => {
  it('gives back any rows, however they came', async () => {
    const budget = new SessionInputs(null)
    const log = new RowLog(budget, 8)
    for (let rows = 0; rows < 20_000; rows += 37)
      log.append(partsOf(40, Math.max(0, rows - 3)), rows < 3 ? 0 : 3, 37)
    expect(log.rows).toBe(20_017)
    for (const [from, to] of [
      [0, 1],
      [0, 20_017],
      [8_191, 8_193],
      [20_016, 20_017],
      [5, 5],
    ] as const)
      expect([...((await log.read(from, to)) as Uint8Array)]).toEqual(rowsOf(from, to))
    expect(log.read(0, 10)).toBeInstanceOf(Uint8Array)
  })

  it('gives no rows that are not there, nor any after its end: nobody may be judged by zeros', async () => {
    const log = new RowLog(new SessionInputs(null), 8)
    log.append(partsOf(5, 0), 0, 5)
    expect(() => log.read(0, 6)).toThrow('5 are kept')
    await log.close()
    expect(() => log.read(0, 5)).toThrow('not kept after its end')
  })

  it('puts full blocks on disk beyond the budget, and reads them back', async () => {
    const budget = new SessionInputs(join(folder, 'a'), 100_000)
    const log = new RowLog(budget, 8)
    for (let rows = 0; rows < 40_000; rows += 100) log.append(partsOf(100, rows), 0, 100)
    await log.written()
    expect(budget.usedBytes).toBeLessThanOrEqual(100_000)
    expect(readdirSync(join(folder, 'a'))).toHaveLength(1)
    expect([...(await log.read(0, 40_000))]).toEqual(rowsOf(0, 40_000))
    expect(log.read(39_990, 40_000)).toBeInstanceOf(Uint8Array)
    log.append(partsOf(5, 40_000), 0, 5)
    expect([...(await log.read(39_999, 40_005))]).toEqual(rowsOf(39_999, 40_005))
    await log.close()
    expect(readdirSync(join(folder, 'a'))).toEqual([])
    expect(budget.usedBytes).toBe(0)
  })

  it('can be cut back to any row in memory, and goes on from there', async () => {
    const budget = new SessionInputs(null)
    const log = new RowLog(budget, 8)
    log.append(partsOf(20_000, 0), 0, 20_000)
    expect([log.canTruncate(20_001), log.canTruncate(9_000)]).toEqual([false, true])
    log.truncate(9_000)
    expect([log.rows, budget.usedBytes]).toEqual([9_000, 2 * 64 * 1024])
    expect(() => log.read(0, 9_001)).toThrow('9000 are kept')
    log.append(partsOf(10, 9_000), 0, 10)
    expect([...(await log.read(0, 9_010))]).toEqual(rowsOf(0, 9_010))
    log.truncate(0)
    expect([log.rows, budget.usedBytes]).toEqual([0, 0])
    await log.close()
  })

  it('cannot be cut back into a block on disk, but between two', async () => {
    const log = new RowLog(new SessionInputs(join(folder, 'cut'), 1), 8)
    log.append(partsOf(20_000, 0), 0, 20_000)
    await log.written()
    expect([log.canTruncate(5), log.canTruncate(8_192), log.canTruncate(19_999)]).toEqual([false, true, true])
    log.truncate(5)
    expect(log.rows).toBe(20_000)
    log.truncate(8_192)
    log.append(partsOf(100, 8_192), 0, 100)
    await log.written()
    expect([...(await log.read(8_000, 8_292))]).toEqual(rowsOf(8_000, 8_292))
    await log.close()
  })

  it.each([
    ['before it is written', 0],
    ['while the file for it is opened', 2],
  ])('keeps what a block has now that was cut back and filled otherwise %s', async (_, turns) => {
    const budget = new SessionInputs(join(folder, `meanwhile${turns}`), 1)
    const log = new RowLog(budget, 8)
    log.append(partsOf(8_192, 5), 0, 8_192)
    for (let turn = 0; turn < turns; turn++) await Promise.resolve()
    log.truncate(0)
    log.append(partsOf(8_192, 0), 0, 8_192)
    await log.written()
    expect(Buffer.from(await log.read(0, 8_192)).equals(Buffer.from(rowsOf(0, 8_192)))).toBe(true)
    expect(budget.usedBytes).toBe(0)
    await log.close()
  })

  it('writes on where the disk takes a part of a block only', async () => {
    const probe = await open(join(folder, 'probe'), 'w')
    const prototype = Object.getPrototypeOf(probe) as FileHandle
    await probe.close()
    const { write } = prototype
    const short = vi.spyOn(prototype, 'write').mockImplementation(function (
      this: FileHandle,
      ...[block, at, length, place]: unknown[]
    ) {
      const some = Math.min(length as number, 10_000)
      return Reflect.apply(write, this, [block, at, some, place])
    } as FileHandle['write'])
    const log = new RowLog(new SessionInputs(join(folder, 'short'), 1), 8)
    log.append(partsOf(20_000, 0), 0, 20_000)
    await log.written()
    expect(short.mock.calls.length).toBeGreaterThan(2)
    short.mockRestore()
    expect([...(await log.read(0, 20_000))]).toEqual(rowsOf(0, 20_000))
    await log.close()
  })

  it('[S9] leaves nothing when it is closed while it writes', async () => {
    const budget = new SessionInputs(join(folder, 'b'), 1)
    const logs = Array.from({ length: 5 }, () => new RowLog(budget, 8))
    for (const log of logs) log.append(partsOf(30_000, 0), 0, 30_000)
    await logs[0]!.written()
    await Promise.all(logs.map((log) => log.close()))
    await Promise.all(logs.map((log) => log.close()))
    expect(existsSync(join(folder, 'b')) ? readdirSync(join(folder, 'b')) : []).toEqual([])
    expect(budget.usedBytes).toBe(0)
  })

  it('keeps rows in memory when the disk refuses', async () => {
    writeFileSync(join(folder, 'file'), '')
    const budget = new SessionInputs(join(folder, 'file', 'inside'), 1)
    const log = new RowLog(budget, 8)
    log.append(partsOf(20_000, 0), 0, 20_000)
    await log.written()
    expect([...(await log.read(0, 20_000))]).toEqual(rowsOf(0, 20_000))
    await log.close()
    expect(budget.usedBytes).toBe(0)
  })

  it('[S9] nothing of an earlier start is left', async () => {
    const place = join(folder, 'c')
    const log = new RowLog(new SessionInputs(place, 1), 8)
    log.append(partsOf(10_000, 0), 0, 10_000)
    await expect.poll(() => existsSync(place)).toBe(true)
    new SessionInputs(place)
    expect(existsSync(place)).toBe(false)
    await log.close()
  })
})

describe('a log of hidden states', () => {
  it('takes only rows that it has not, in order', async () => {
    const { language } = fakeModel({ hidden: 'int8', width: 65 }).manifest
    const log = new SessionInputs(null).open(language)
    const outputs = (first: number, rows: number) => [
      tensorOf(
        'hidden',
        'INT8',
        [rows, 65],
        Int8Array.from({ length: rows * 65 }, (_, i) => first + i / 65),
      ),
      tensorOf(
        'scales',
        'FP16',
        [rows, 2],
        Uint16Array.from({ length: rows * 2 }, (_, i) => 256 * first + i),
      ),
    ]
    log.append(outputs(0, 4), 0)
    log.append(outputs(2, 4), 2)
    log.append(outputs(0, 4), 0)
    log.append(outputs(7, 1), 7)
    expect(log.rows).toBe(6)
    const [hidden, scales] = await log.read(3, 6)
    expect([hidden!.shape, scales!.shape]).toEqual([
      [3, 65],
      [3, 2],
    ])
    expect([0, 65, 130].map((at) => hidden!.bytes[at])).toEqual([3, 4, 5])
    expect([...new Uint16Array(scales!.bytes.buffer)].map((value) => value & 0xff)).toEqual([
      6, 7, 4, 5, 6, 7,
    ])
  })
})
