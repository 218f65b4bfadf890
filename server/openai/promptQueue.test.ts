import { describe, expect, it } from 'vitest'
import { MAX_WAITING_CHARACTERS, MAX_WAITING_PROMPTS } from './openaiLimits.ts'
import { PromptQueue } from './promptQueue.ts'

/** A queue whose first piece of work takes until `goOn`, and who asks it. */
function held() {
  const queue = new PromptQueue()
  let goOn = (): void => {}
  const opened = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const first = queue.inTurn(1, async () => opened)
  const leave = new AbortController()
  return { queue, first, goOn, leave, asker: { signal: leave.signal } }
}
const quick = async () => 'done'
const refusal = {
  code: 'rate_limited',
  message: `${MAX_WAITING_PROMPTS} prompts wait to be read already.`,
  retryAfterSeconds: 2,
}

describe('prompts that wait', () => {
  it('are refused where too many wait, and taken again when some were made', async () => {
    const { queue, first, goOn, asker } = held()
    const waiting = Array.from({ length: MAX_WAITING_PROMPTS - 1 }, () => queue.inTurn(1, quick, asker))
    await expect(queue.inTurn(1, quick, asker)).rejects.toMatchObject(refusal)
    goOn()
    expect(await Promise.all([first, ...waiting])).toHaveLength(MAX_WAITING_PROMPTS)
    expect(await queue.inTurn(1, quick, asker)).toBe('done')
  })

  it('are refused where too many characters wait, but for a long one alone', async () => {
    const { queue, first, goOn, asker } = held()
    await expect(queue.inTurn(MAX_WAITING_CHARACTERS, quick, asker)).rejects.toMatchObject({
      code: 'rate_limited',
    })
    goOn()
    await first
    await queue.inTurn(0, quick)
    expect(await queue.inTurn(MAX_WAITING_CHARACTERS + 1, quick, asker)).toBe('done')
  })

  it('of work in the background, and work of the relay itself, wait in any queue', async () => {
    const { queue, goOn, asker } = held()
    const waiting = Array.from({ length: 2 * MAX_WAITING_PROMPTS }, (_, i) =>
      i % 2 === 0 ? queue.inTurn(1, quick) : queue.inTurn(1, quick, { ...asker, patient: true }),
    )
    goOn()
    expect(await Promise.all(waiting)).toHaveLength(2 * MAX_WAITING_PROMPTS)
  })

  it('are passed over when whoever asked has left, and when one before them failed', async () => {
    const { queue, goOn, leave, asker } = held()
    let made = 0
    const left = queue.inTurn(
      1,
      async () => {
        made++
      },
      asker,
    )
    const failed = queue.inTurn(1, () => Promise.reject(new Error('no')))
    const last = queue.inTurn(1, quick)
    leave.abort()
    goOn()
    await expect(left).rejects.toThrow('aborted')
    await expect(failed).rejects.toThrow('no')
    expect([await last, made]).toEqual(['done', 0])
  })
})
