import { expect, it } from 'vitest'
import { kernelLease } from './fakeRelay.ts'
import { LOG_ROWS, SAMPLES, TaskLog } from './taskLog.ts'

const ended = { at: 1, computeMs: 2, subject: 'matmul-i8', graph: null, verdict: null, reason: null } as const
const verdict = (task: number, microCredits: string, verdict: 'unsampled' | 'rejected' = 'unsampled') => ({
  task,
  generation: 1,
  verdict,
  microCredits,
  receipt: `r${task}`,
  inputSalt: '',
  outputSalt: '',
  ...(verdict === 'rejected' ? { reason: 'Wrong numbers.' } : {}),
})

it('shows the newest task first and keeps 200', () => {
  const log = new TaskLog()
  for (let task = 0; task < LOG_ROWS + 5; task++) log.add(kernelLease(task), ended)
  expect(log.rows()).toHaveLength(LOG_ROWS)
  expect(log.rows()[0]?.task).toBe(LOG_ROWS + 4)
})

it('keeps a row in its place when its verdict comes', () => {
  const log = new TaskLog()
  log.add(kernelLease(1), ended)
  log.add(kernelLease(2), ended)
  log.judge([verdict(1, '7')])
  expect(log.rows().map(({ task, microCredits }) => [task, microCredits])).toEqual([
    [2, '0'],
    [1, '7'],
  ])
})

it('gives a verdict only to the generation it is for', () => {
  const log = new TaskLog()
  log.add(kernelLease(1, 2), ended)
  log.judge([verdict(1, '7')])
  expect(log.rows()[0]?.verdict).toBeNull()
})

it('says why a result was rejected, and credits nothing for it', () => {
  const log = new TaskLog()
  log.add(kernelLease(1), ended)
  log.judge([verdict(1, '0', 'rejected')])
  expect(log.rows()[0]).toMatchObject({ verdict: 'rejected', reason: 'Wrong numbers.' })
  expect(log.session(null)).toMatchObject({ completed: 0, rejected: 1, microCredits: '0' })
})

it('gives a verdict to every step that it is for, and its credit to the first', () => {
  const log = new TaskLog()
  for (const task of [1, 2, 3]) log.add(kernelLease(task), ended)
  log.judge([
    {
      ...verdict(1, '7'),
      steps: [
        [2, 1],
        [3, 2],
      ],
    },
  ])
  expect(log.rows().map(({ task, verdict, microCredits }) => [task, verdict, microCredits])).toEqual([
    [3, null, '0'],
    [2, 'unsampled', '0'],
    [1, 'unsampled', '7'],
  ])
  expect(log.session(null)).toMatchObject({ completed: 1, microCredits: '7' })
})

it('adds credits beyond what a double can hold', () => {
  const log = new TaskLog()
  log.judge([verdict(1, '9007199254740993'), verdict(2, '9007199254740993')])
  expect(log.session(5)).toEqual({
    microCredits: '18014398509481986',
    completed: 2,
    rejected: 0,
    startedAt: 5,
  })
})

it('counts 10^9 verified operations a second as one GFLOP/s, over five seconds', () => {
  const log = new TaskLog()
  log.judge([verdict(1, '5000000')])
  log.sample(5000)
  log.sample(10_000)
  expect(log.samples()).toEqual([
    { at: 5000, gflops: 1, tasks: 1 },
    { at: 10_000, gflops: 0, tasks: 0 },
  ])
})

it('keeps 15 minutes of samples', () => {
  const log = new TaskLog()
  for (let i = 0; i < SAMPLES + 1; i++) log.sample(i)
  expect(log.samples()).toHaveLength(SAMPLES)
  expect(log.samples()[0]?.at).toBe(1)
})
