import { describe, expect, it } from 'vitest'
import type { AnswerEvent } from './languageRun.ts'
import { MAX_UNREAD_BYTES } from './openaiLimits.ts'
import { SlowReader } from './slowReader.ts'
import type { AnswerPiece } from './toolCallStream.ts'

const said = (choice: number, ...pieces: AnswerPiece[]): AnswerEvent => ({ choice, pieces, logprobs: [] })
const text = (content: string): AnswerPiece => ({ kind: 'content', text: content })

function open() {
  const given: AnswerEvent[] = []
  let left = 0
  const reader = new SlowReader(
    (event) => given.push(event),
    () => left++,
  )
  return { reader, given, left: () => left }
}

describe('a reader', () => {
  it('who keeps up gets every event as it is', () => {
    const { reader, given } = open()
    reader.push(said(0, text('a')), false)
    reader.push(said(0, text('b')), false)
    expect(given).toEqual([said(0, text('a')), said(0, text('b'))])
  })

  it('who is slow gets the same in one event for each answer, in order', () => {
    const { reader, given } = open()
    const call: AnswerPiece = { kind: 'call', index: 0, id: 'call_1', name: 'add' }
    const args = (part: string): AnswerPiece => ({ kind: 'arguments', index: 0, text: part })
    reader.push(said(0, text('a')), true)
    reader.push(said(1, text('x')), true)
    reader.push(said(0, text('b'), call, args('{')), true)
    reader.push(said(0, args('}'), text('c')), true)
    expect(given).toEqual([])
    reader.flush()
    expect(given).toEqual([said(0, text('ab'), call, args('{}'), text('c')), said(1, text('x'))])
    reader.flush()
    expect(given).toHaveLength(2)
  })

  it('who has caught up gets what waited first', () => {
    const { reader, given } = open()
    reader.push(said(0, text('a')), true)
    reader.push(said(0, text('b')), false)
    expect(given).toEqual([said(0, text('ab'))])
  })

  it('who takes nothing is cut off before the memory is full, and nothing is kept', () => {
    const { reader, given, left } = open()
    const megabyte = text('x'.repeat(1024 * 1024))
    for (let bytes = 0; bytes <= MAX_UNREAD_BYTES; bytes += 2 * 1024 * 1024)
      reader.push(said(0, megabyte), true)
    expect(left()).toBe(1)
    reader.flush()
    expect(given).toEqual([])
  })

  it('gets the log-probabilities with the text', () => {
    const { reader, given } = open()
    const logprob = { token: 'a', logprob: -1, bytes: [97], top_logprobs: [] }
    reader.push({ choice: 0, pieces: [text('a')], logprobs: [logprob] }, true)
    reader.push({ choice: 0, pieces: [text('a')], logprobs: [logprob] }, true)
    reader.flush()
    expect(given).toEqual([{ choice: 0, pieces: [text('aa')], logprobs: [logprob, logprob] }])
  })
})
