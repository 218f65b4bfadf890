import { afterEach, describe, expect, it } from 'vitest'
import { buffersOf } from './pipelineMessages.ts'
import { PipelineThread } from './pipelineThread.ts'

const threads: PipelineThread[] = []
function newThread(): PipelineThread {
  const thread = new PipelineThread()
  threads.push(thread)
  return thread
}
afterEach(() => Promise.all(threads.splice(0).map((thread) => thread.close())))

/** One text of one token, whose vector [0, 2] has the direction [0, 1]. */
const tokens = () => ({
  hidden: new Uint8Array(Float32Array.of(0, 2).buffer),
  mask: BigInt64Array.of(1n),
  texts: 1,
  length: 1,
  width: 2,
  encoding: 'float' as const,
})

describe('PipelineThread', () => {
  it('brings an error back with its code and field', async () => {
    await expect(
      newThread().call('prepareDetection', { image: Uint8Array.of(1, 2, 3) }),
    ).rejects.toMatchObject({
      name: 'OpentabError',
      code: 'invalid_value',
      param: 'image',
      message: expect.stringContaining('01 02 03'),
    })
  })

  it('takes the buffers of an input away instead of copying them', async () => {
    const input = tokens()
    await newThread().call('poolTokens', input)
    expect(input.hidden.byteLength).toBe(0)
  })

  it('works on after an error, and answers calls that are made at once', async () => {
    const thread = newThread()
    const bad = thread.call('tokeniseTexts', { name: 'unknown', texts: ['a'] })
    const good = [thread.call('poolTokens', tokens()), thread.call('poolTokens', tokens())]
    await expect(bad).rejects.toMatchObject({ code: 'internal' })
    expect(await Promise.all(good)).toEqual([Float32Array.of(0, 1), Float32Array.of(0, 1)])
  })

  it('provides a thing once, and again after a failure', async () => {
    const thread = newThread()
    let given = 0
    const give = async () => {
      given++
      if (given === 1) throw new Error('not yet')
    }
    await expect(thread.provide('thing', give)).rejects.toThrow('not yet')
    await Promise.all([thread.provide('thing', give), thread.provide('thing', give)])
    await thread.provide('thing', give)
    expect(given).toBe(2)
  })

  it('rejects what waits when it is closed, and every call after that', async () => {
    const thread = newThread()
    const waiting = expect(thread.call('poolTokens', tokens())).rejects.toMatchObject({ code: 'internal' })
    await thread.close()
    await waiting
    await expect(thread.call('poolTokens', tokens())).rejects.toMatchObject({ code: 'draining' })
  })
})

it('buffersOf finds each buffer once, in lists and objects, and not the elements of a list of numbers', () => {
  const shared = new ArrayBuffer(8)
  const found = buffersOf({
    a: new Uint8Array(shared),
    b: [{ c: new Float32Array(shared) }, { c: new Uint8Array(4) }],
    d: [1, 2],
  })
  expect([...found].map((buffer) => buffer.byteLength)).toEqual([8, 4])
})
