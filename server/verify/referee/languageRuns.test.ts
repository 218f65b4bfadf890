import { expect, it } from 'vitest'
import type { LoadedRun } from '../../../engine/language/createLanguageRunner.ts'
import { fakeModel } from '../../language/fakeLanguage.ts'
import { LanguageRuns } from './languageRuns.ts'

/** Runs of models with three stages of 10 bytes, 20 in memory, and what was asked of the runner. */
function runsOf(budgetBytes: number) {
  const calls: string[] = []
  const model = (id: string) => ({ ...fakeModel({ id, stageBytes: 10 }), hash: id })
  const broken = new Set<string>()
  const runs = new LanguageRuns({
    budgetBytes,
    readShard: async () => new Uint8Array(0),
    runner: {
      async load({ hash }, { first, last }) {
        calls.push(`+${hash} ${first}-${last}`)
        if (broken.has(hash)) throw new Error(hash)
      },
      async unload(hash) {
        calls.push(`-${hash}`)
      },
      run: (hash, range) => ({ hash, range }) as unknown as LoadedRun,
    },
  })
  const use = (id: string, first: number, last: number) => runs.use(model(id), { first, last })
  return { runs, calls, model, use, broken }
}

it('loads a model whole where it fits, once for all its stages', async () => {
  const { runs, calls, model, use } = runsOf(60)
  expect(await use('a', 1, 1)).toMatchObject({ hash: 'a', range: { first: 1, last: 1 } })
  await use('a', 0, 1)
  expect(await runs.use(model('a'), 'whole')).toMatchObject({ range: { first: 0, last: 2 } })
  expect(calls).toEqual(['+a 0-2'])
})

it('loads only the stages of the step where the model does not fit, and the whole of it alone for an answer', async () => {
  const { runs, calls, model, use } = runsOf(50)
  await use('a', 0, 1)
  await use('a', 1, 1)
  await use('a', 2, 2)
  await runs.use(model('a'), 'whole')
  expect(calls).toEqual(['+a 0-1', '+a 2-2', '+a 0-2'])
  expect(runs.loaded).toEqual([['a', { first: 0, last: 2 }]])
})

it('unloads the least recently used before it loads past the budget', async () => {
  const { runs, calls, use } = runsOf(120)
  for (const id of ['a', 'b', 'a', 'c']) await use(id, 0, 0)
  expect(calls).toEqual(['+a 0-2', '+b 0-2', '-b', '+c 0-2'])
  expect(runs.loaded.map(([hash]) => hash)).toEqual(['a', 'c'])
})

it('remembers nothing of a model that could not be loaded', async () => {
  const { runs, use, broken } = runsOf(60)
  broken.add('a')
  await expect(use('a', 0, 0)).rejects.toThrow('a')
  expect(runs.loaded).toEqual([])
  broken.clear()
  await use('a', 0, 0)
  expect(runs.loaded).toHaveLength(1)
})

it('refuses what is no language model', async () => {
  const { runs, model } = runsOf(60)
  const { manifest } = model('a')
  await expect(
    runs.use({ hash: 'x', manifest: { ...manifest, language: undefined } }, 'whole'),
  ).rejects.toMatchObject({ code: 'model_failed' })
})
