import { expect, it } from 'vitest'
import { verdicts } from '../../protocol/receipt.ts'
import { kindWord, troubleOf, verdictWords, workOf } from './taskWords.ts'

it('says what is wrong with a rejected task and what to do', () => {
  const infer = { kind: 'infer', verdict: 'rejected' } as const
  expect(troubleOf({ ...infer, reason: 'Output 3 differs by 0.4' })).toBe(
    'Rejected: Output 3 differs by 0.4. If this happens again, update the browser and the graphics driver, then start again.',
  )
  expect(troubleOf({ ...infer, reason: null })).toContain('the result was wrong')
  expect(troubleOf({ ...infer, reason: '' })).toContain('the result was wrong')
  expect(troubleOf({ ...infer, verdict: 'failed', reason: 'No memory.' })).toContain(
    'Failed here: No memory. Another tab',
  )
})

it('does not tell a contributor to mend a program that a developer sent', () => {
  expect(troubleOf({ kind: 'custom', verdict: 'failed', reason: 'Line 3 (work): 64 steps do not fit' })).toBe(
    'Failed here: Line 3 (work): 64 steps do not fit. It is for the developer of the program to mend; there is nothing for you to do.',
  )
})

it('says nothing where nothing went wrong', () => {
  expect(troubleOf({ kind: 'infer', verdict: 'freivalds', reason: null })).toBeNull()
  expect(troubleOf({ kind: 'infer', verdict: null, reason: null })).toBeNull()
})

it('has a word and a meaning for each verdict, and tells a result that another tab found from one that only its sender knows', () => {
  for (const verdict of verdicts)
    expect(verdictWords(verdict)).toMatchObject({ why: expect.stringMatching(/\.$/) })
  expect(verdictWords('reference')).toEqual({
    word: 'as the sender says',
    why: expect.stringContaining('No other account found the same'),
  })
  expect(verdictWords('replica').word).toBe('two tabs agree')
})

it('names work it knows, and falls back to the names it was given', () => {
  expect(workOf({ kind: 'infer', subject: 'pp-ocrv4', graph: 'detect' })).toBe(
    'text recognition, finding lines',
  )
  expect(workOf({ kind: 'infer', subject: 'pp-ocrv4', graph: null })).toBe('text recognition')
  expect(workOf({ kind: 'infer', subject: 'all-minilm-l6-v2', graph: 'main' })).toBe('sentence embeddings')
  expect(workOf({ kind: 'kernel', subject: 'matmul-i8', graph: null })).toBe('an integer matrix product')
  expect(workOf({ kind: 'custom', subject: '592880ec1443', graph: null })).toBe('the program 592880ec1443')
  expect(workOf({ kind: 'infer', subject: 'mine', graph: 'main' })).toBe('the model mine')
  expect(workOf({ kind: 'infer', subject: 'mine', graph: 'second' })).toBe('the model mine, step second')
})

it('puts verdicts in words, also those of a later version', () => {
  expect(verdictWords('unsampled').word).toBe('not drawn')
  expect(verdictWords(null).word).toBe('being checked')
  expect(verdictWords('quorum')).toEqual({ word: 'quorum', why: '' })
  expect(kindWord('dream')).toBe('dream')
})
