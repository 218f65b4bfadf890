import { expect, it } from 'vitest'
import type { ServedModel } from '../../../protocol/manifest.ts'
import { ModelCache } from './modelCache.ts'

const model = (hash: string, bytes: number): ServedModel => ({
  hash,
  manifest: {
    v: 1,
    id: hash,
    kind: 'onnx',
    graphs: [
      {
        name: 'main',
        shards: [{ sha256: hash, bytes }],
        inputs: [],
        outputs: [],
        tolerance: { rtol: 0, atol: 0 },
      },
    ],
    files: {},
    licence: 'unknown',
    source: 'test',
  },
})

/** A cache for two models of 10 bytes, with what it asked of its runner. */
function cacheOf() {
  const calls: string[] = []
  const broken = new Set<string>()
  const cache = new ModelCache({
    budgetBytes: 40,
    readShard: async () => new Uint8Array(0),
    runner: {
      load: async ({ hash }) => {
        calls.push(`+${hash}`)
        if (broken.has(hash)) throw new Error(hash)
      },
      unload: async (hash) => {
        calls.push(`-${hash}`)
      },
    },
  })
  return { cache, calls, broken }
}

it('loads a model once', async () => {
  const { cache, calls } = cacheOf()
  await cache.use(model('a', 10))
  await cache.use(model('a', 10))
  expect(calls).toEqual(['+a'])
})

it('unloads the least recently used before it loads past the budget', async () => {
  const { cache, calls } = cacheOf()
  for (const hash of ['a', 'b', 'a', 'c']) await cache.use(model(hash, 10))
  expect(calls).toEqual(['+a', '+b', '-b', '+c'])
  expect(cache.loaded).toEqual(['a', 'c'])
})

it('loads a model larger than the whole budget alone', async () => {
  const { cache, calls } = cacheOf()
  await cache.use(model('a', 10))
  await cache.use(model('large', 1000))
  await cache.use(model('b', 10))
  expect(calls).toEqual(['+a', '-a', '+large', '-large', '+b'])
})

it('remembers nothing of a model that could not be loaded', async () => {
  const { cache, calls, broken } = cacheOf()
  broken.add('a')
  await expect(cache.use(model('a', 10))).rejects.toThrow('a')
  broken.clear()
  await cache.use(model('a', 10))
  expect(calls).toEqual(['+a', '+a'])
})
