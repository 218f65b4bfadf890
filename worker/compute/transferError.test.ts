import { expose, wrap } from 'comlink'
import { afterEach, expect, it } from 'vitest'
import { OpentabError } from '../../protocol/errors.ts'
import { transferErrors } from './transferError.ts'

const ports: MessagePort[] = []
afterEach(() => {
  for (const port of ports.splice(0)) port.close()
})

/** What `throws` throws, as it arrives on the other side of a port. */
async function across(throws: () => void): Promise<unknown> {
  transferErrors()
  const { port1, port2 } = new MessageChannel()
  ports.push(port1, port2)
  expose({ throws }, port1)
  return wrap<{ throws: () => void }>(port2)
    .throws()
    .then(
      () => null,
      (error: unknown) => error,
    )
}

it('brings an OpentabError across with everything in it', async () => {
  const error = await across(() => {
    throw new OpentabError('rate_limited', 'Too many tasks: 65.', {
      param: 'n',
      fix: 'Wait.',
      retryAfterSeconds: 2,
    })
  })
  expect(error).toBeInstanceOf(OpentabError)
  expect(error).toMatchObject({
    code: 'rate_limited',
    message: 'Too many tasks: 65.',
    param: 'n',
    fix: 'Wait.',
    retryAfterSeconds: 2,
  })
})

it('leaves other errors as comlink sends them, and thrown values that are no errors', async () => {
  const error = await across(() => {
    throw new TypeError('no such thing')
  })
  expect(error).toBeInstanceOf(Error)
  expect(error).not.toBeInstanceOf(OpentabError)
  expect(error).toMatchObject({ name: 'TypeError', message: 'no such thing' })
  const value = await across(() => {
    throw 7
  })
  expect(value).toBe(7)
})
