import { wrap } from 'comlink'
import { afterAll, beforeEach, expect, it } from 'vitest'
import type { OpfsTestApi } from './opfsTestApi.ts'
import { sha256Of } from './shardStore.ts'

const spawn = () => {
  const worker = new Worker(new URL('./opfsTestWorker.ts', import.meta.url), { type: 'module' })
  return { worker, opfs: wrap<OpfsTestApi>(worker) }
}
const { worker, opfs } = spawn()

const bytes = Uint8Array.from({ length: 10_000 }, (_, i) => i * 7)

beforeEach(async () => {
  await opfs.clear()
})
afterAll(() => worker.terminate())

it('keeps a shard for later sessions and other tabs', async () => {
  expect(await opfs.get(bytes)).toEqual({ bytes, code: null, asked: [0] })
  const other = spawn()
  expect(await other.opfs.get(bytes)).toEqual({ bytes, code: null, asked: [] })
  other.worker.terminate()
})

it('goes on where an earlier download broke off', async () => {
  expect(await opfs.get(bytes, { breakAfter: 4000 })).toMatchObject({ code: 'source_unreachable' })
  expect(await opfs.get(bytes)).toEqual({ bytes, code: null, asked: [4000] })
})

it('fetches again what was damaged on the device', async () => {
  await opfs.write(await sha256Of(bytes), new Uint8Array(bytes.length))
  expect(await opfs.get(bytes)).toEqual({ bytes, code: null, asked: [0] })
})

it('lets two tabs that want the same shard fetch it once', async () => {
  const other = spawn()
  const got = await Promise.all([opfs.get(bytes), other.opfs.get(bytes)])
  expect(got.flatMap(({ asked }) => asked)).toEqual([0])
  expect(got.map(({ code }) => code)).toEqual([null, null])
  other.worker.terminate()
})

it('lists and removes, and does not mind what is gone already', async () => {
  await opfs.write('a', new Uint8Array(3))
  await opfs.write('a', new Uint8Array(2))
  expect(await opfs.list()).toEqual(new Map([['a', 5]]))
  await opfs.remove('a')
  await opfs.remove('a')
  expect(await opfs.list()).toEqual(new Map())
})
