import { describe, expect, it } from 'vitest'
import { createSubmitGate } from './submitGate.ts'

/** A queue whose work ends when the test says so, and a clock that stands still between. */
function setUp() {
  const waiting: (() => void)[] = []
  let nowMs = 0
  const queue = {
    submit: () => {},
    onSubmittedWorkDone: () => new Promise<void>((resolve) => waiting.push(resolve)),
  }
  const gate = createSubmitGate({ queue } as unknown as GPUDevice, () => nowMs)
  const submit = (operations: number, speed = { operationsPerMs: 1000 }) => {
    gate.submit({} as GPUCommandBuffer, operations, speed)
    return speed
  }
  /** Ends the oldest submit after that time. */
  const finish = async (afterMs: number) => {
    nowMs += afterMs
    waiting.shift()!()
    await Promise.resolve()
    await Promise.resolve()
  }
  return { gate, submit, finish }
}

describe('the submit gate', () => {
  it('lets two submits through and a third when the first one is done', async () => {
    const { gate, submit, finish } = setUp()
    for (let i = 0; i < 2; i++) {
      await gate.enter()
      submit(1)
    }
    let entered = false
    const third = gate.enter().then(() => {
      entered = true
    })
    await Promise.resolve()
    expect(entered).toBe(false)
    await finish(1)
    await third
    expect(entered).toBe(true)
  })

  it('learns half of what it measured', async () => {
    const { submit, finish } = setUp()
    const speed = submit(100_000)
    await finish(50)
    expect(speed.operationsPerMs).toBe(1500)
  })

  it('counts a submit that waited from the end of the one before', async () => {
    const { submit, finish } = setUp()
    submit(1)
    const speed = submit(100_000)
    await finish(900)
    await finish(50)
    expect(speed.operationsPerMs).toBe(1500)
  })

  it('does not take the latency of a tiny submit for a slow device', async () => {
    const { submit, finish } = setUp()
    const speed = submit(10)
    await finish(5)
    expect(speed.operationsPerMs).toBe(1000)
  })

  it('moves by one hiccup or one lucky measurement only so far', async () => {
    const { submit, finish } = setUp()
    const slow = submit(1000)
    await finish(10_000)
    expect(slow.operationsPerMs).toBe(625)
    const fast = submit(1e9)
    await finish(1)
    expect(fast.operationsPerMs).toBe(2500)
  })
})
