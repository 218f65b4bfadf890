import { describe, expect, it } from 'vitest'
import { decodeResults } from '../../protocol/frames.ts'
import { resultFrames } from './resultFrames.ts'

const named = (name: string, task: number) => ({
  task,
  generation: 1,
  computeMicros: 0,
  outputs: [{ name, datatype: 'INT8' as const, shape: [1], bytes: Uint8Array.of(7) }],
})

describe('frames of results', () => {
  it('say of one whose name no frame can hold that it failed, and carry the others', () => {
    const sent = [...resultFrames([named('é'.repeat(200), 1), named('\ud800', 2), named('\ufeffy', 3)])]
    expect(sent.slice(0, 2)).toMatchObject([
      { type: 'failed', task: 1, code: 'bad_frame' },
      { type: 'failed', task: 2, code: 'bad_frame' },
    ])
    const results = decodeResults(sent[2] as Uint8Array)
    expect(results.map(({ task, outputs }) => [task, outputs[0]!.name])).toEqual([[3, '\ufeffy']])
  })
})
