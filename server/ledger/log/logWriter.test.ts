import { hash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { parseCheckpoint } from '../../../protocol/tlog/checkpoint.ts'
import { parseNote, verifyNote } from '../../../protocol/tlog/signedNote.ts'
import { parseVerifierKey } from '../../../protocol/tlog/verifierKey.ts'
import { FixtureLog } from './fixtureLog.ts'
import { LogSigner, nodeCryptography } from './logSigner.ts'
import { LogWriter } from './logWriter.ts'

const sha256 = (...parts: Uint8Array[]): string => hash('sha256', Buffer.concat(parts), 'hex')

describe('appending', () => {
  test('an entry that does not fit, or none, is refused before anything changes', () => {
    const log = new FixtureLog()
    expect(() => log.append('good', 'x'.repeat(65_536))).toThrow(/65536 bytes; at most 65535/)
    expect(() => log.append('é'.repeat(32_768))).toThrow(/65536 bytes/)
    expect(() => log.append()).toThrow(/at least one entry/)
    expect(log.writer.size).toBe(0)
    log.append('x'.repeat(65_535), '')
    expect(log.writer.size).toBe(2)
  })

  test('gives the entries as a bundle, their leaf hashes and their first index', () => {
    const log = new FixtureLog()
    log.append('before')
    const texts = ['', 'a', 'né—🙂', 'y'.repeat(300)]
    const { block, tiles } = log.writer.append([...texts, Buffer.from([0, 255, 1])])
    const bytes = [...texts.map((text) => Buffer.from(text)), Buffer.from([0, 255, 1])]
    expect(tiles).toEqual([])
    expect(block).toMatchObject({ firstIndex: 1, count: 5 })
    expect(Buffer.from(block.entries)).toEqual(
      Buffer.concat(bytes.flatMap((entry) => [Buffer.from([entry.length >> 8, entry.length & 255]), entry])),
    )
    expect(Buffer.from(block.leafHashes).toString('hex')).toBe(
      bytes.map((entry) => sha256(Buffer.from([0]), entry)).join(''),
    )
  })

  test('gives every full tile once, at the commit that fills it', () => {
    const log = new FixtureLog()
    const many = (count: number): string[] => Array.from({ length: count }, () => 'x')
    expect(log.writer.append(many(255)).tiles).toEqual([])
    expect(log.writer.append(many(1)).tiles.map(({ level, n }) => [level, n])).toEqual([[0, 0]])
    const commit = log.writer.append(many(600))
    expect(commit.tiles.map(({ level, n, bytes }) => [level, n, bytes.length])).toEqual([
      [0, 1, 8192],
      [0, 2, 8192],
    ])
  })
})

describe('checkpoints', () => {
  test('a new log shows the empty tree, signed by its key', async () => {
    const log = new FixtureLog()
    const note = parseNote(log.writer.published.text)
    const key = await parseVerifierKey(log.signer.vkey, nodeCryptography.sha256)
    expect(await verifyNote(note, key, nodeCryptography)).toBe(true)
    expect(note.text).toBe('opentab-1f2e3d4c/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n')
    expect(log.writer.publishDelayMs(0)).toBeNull()
  })

  test('are published at once after a pause, and at most once a second', () => {
    const log = new FixtureLog()
    log.append('a')
    expect(log.writer.publishDelayMs(5000)).toBe(0)
    expect(log.publish(5000).size).toBe(1)
    expect(log.writer.publishDelayMs(5001)).toBeNull()
    log.append('b')
    expect(log.writer.published.size).toBe(1)
    expect(log.writer.publishDelayMs(5300)).toBe(700)
    expect(log.writer.publishDelayMs(6500)).toBe(0)
    expect(log.publish(6500).size).toBe(2)
    expect(log.publish(6501)).toBe(log.writer.published)
  })

  test('are not shown before they are stored, and what a failed commit left behind is never shown', () => {
    const log = new FixtureLog()
    log.append('a')
    log.publish()
    log.writer.append(['lost'])
    expect(log.writer.sign(9000).size).toBe(2)
    expect(log.writer.published.size).toBe(1)
    log.reopen()
    log.append('b')
    expect(log.publish().size).toBe(2)
  })

  test('after a restart cover all that is stored, even when the last one was not', () => {
    const log = new FixtureLog()
    log.append('a')
    log.publish()
    log.append('b')
    log.writer.show(log.writer.sign(2000))
    log.reopen()
    const { size, root } = parseCheckpoint(parseNote(log.writer.published.text).text)
    expect(size).toBe(2)
    expect(log.writer.root().equals(root)).toBe(true)
  })

  test('a log that lost or changed what was published, or changed its name, does not open', () => {
    const log = new FixtureLog()
    log.append('a')
    log.append('b')
    log.publish()
    const [a, b] = log.blocks
    log.blocks.length = 1
    expect(() => log.reopen()).toThrow(/holds 1 entries, and a checkpoint over 2 was published/)
    const other = new FixtureLog()
    other.append('B')
    log.blocks.splice(0, 2, a!, { ...other.blocks[0]!, firstIndex: 1 })
    expect(() => log.reopen()).toThrow(/first 2 entries have the root/)
    log.blocks.splice(0, 2, a!, b!)
    expect(log.reopen().size).toBe(2)
    const renamed = new LogSigner('other/log', Buffer.alloc(32, 7))
    expect(() => LogWriter.open(log, renamed, log.checkpoint)).toThrow(/is of the log opentab-1f2e3d4c\/log/)
  })
})
