import { describe, expect, it } from 'vitest'
import { type TinyKind, tinyKinds } from '../../models/language/tiny/tinyModel.ts'
import { optionsTensor } from '../../protocol/generation.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { PackFormat } from '../../protocol/weights/packBlocks.ts'
import { createLanguageRunner } from './createLanguageRunner.ts'
import { fixtureModel } from './fixtureModel.ts'
import { answerOptions, generateTask, idsTensor, output, stageTask } from './fixtureTasks.ts'
import type { LanguageBackend } from './languageBackend.ts'

export const prompt = [1, 75, 20, 262, 150, 9, 33, 280, 281, 12, 100, 7, 7, 61]
export const never = new AbortController().signal
const TOKENS = 12

/** What every backend must do: the tokens of the reference, whole and in stages. */
export function languageBackendSuite(
  name: string,
  makeBackend: () => Promise<LanguageBackend>,
  kinds: readonly TinyKind[] = tinyKinds,
  formats: readonly PackFormat[] = [],
): void {
  const cases = [
    ...kinds.map((kind) => [kind, 'f32'] as const),
    ...formats.map((format) => ['qwen2', format] as const),
  ]
  describe.each(cases)(`a tiny %s in %s on ${name}`, (kind, format) => {
    it.each([1, 3])('whole, of %i stages, says what the reference says', async (stages) => {
      const fixture = await fixtureModel(kind, { stages, format })
      const runner = createLanguageRunner(await makeBackend(), noConstraints, { cacheBytes: 1e8 })
      await runner.load(fixture.model, { first: 0, last: stages - 1 }, fixture.readShard)
      const heard: number[] = []
      const outputs = await runner.generate(
        generateTask(fixture.model, prompt),
        ({ from, ids }) => heard.splice(from, ids.length, ...ids),
        never,
      )
      expect(output(outputs, 'ids')).toEqual(fixture.greedy(prompt, TOKENS))
      expect(heard).toEqual(output(outputs, 'ids'))
      await runner.dispose()
    })
  })

  it(`stages of their own on ${name} say what the reference says, hidden states going between them`, async () => {
    const fixture = await fixtureModel('llama', { stages: 3 })
    const { model } = fixture
    const runners = await Promise.all(
      [0, 1, 2].map(async (stage) => {
        const runner = createLanguageRunner(await makeBackend(), noConstraints, { cacheBytes: 1e8 })
        await runner.load(model, { first: stage, last: stage }, fixture.readShard)
        return runner
      }),
    )
    const ids: number[] = []
    const options = optionsTensor(answerOptions())
    let rows: readonly number[] = prompt
    for (let position = 0; ids.length < TOKENS; position += rows.length, rows = ids.slice(-1)) {
      let passed: Tensor[] = [idsTensor('ids', rows)]
      for (const stage of [0, 1]) {
        passed = await runners[stage]!.stage(stageTask(model, stage, 5, position, passed), never)
        expect(passed[0]!.shape).toEqual([rows.length, model.manifest.language!.width])
      }
      const tail = [...passed, options, idsTensor('history', []), idsTensor('prompt', [prompt.length])]
      const outputs = await runners[2]!.stage(stageTask(model, 2, 5, position, tail), never)
      expect(outputs.map((each) => each.name)).toEqual(['ids', 'finish'])
      ids.push(...output(outputs, 'ids'))
    }
    expect(ids).toEqual(fixture.greedy(prompt, TOKENS))
    for (const runner of runners) await runner.dispose()
  })

  it(`parts of a longer run on ${name} say the same, each with its own cache`, async () => {
    const fixture = await fixtureModel('llama', { stages: 3 })
    const { model } = fixture
    const runner = createLanguageRunner(await makeBackend(), noConstraints, { cacheBytes: 1e8 })
    await runner.load(model, { first: 0, last: 2 }, fixture.readShard)
    const options = optionsTensor(answerOptions())
    const ids: number[] = []
    let rows: readonly number[] = prompt
    for (let position = 0; ids.length < 4; position += rows.length, rows = ids.slice(-1)) {
      const first = stageTask(model, 0, 5, position, [idsTensor('ids', rows)])
      const hidden = await runner.stage(first, never)
      const tail = [...hidden, options, idsTensor('history', []), idsTensor('prompt', [prompt.length])]
      const rest = { ...stageTask(model, 1, 5, position, tail), last: 2 }
      ids.push(...output(await runner.stage(rest, never), 'ids'))
    }
    expect(ids).toEqual(fixture.greedy(prompt, 4))
    // The whole run goes on beside its parts, and ends with them.
    const outputs = await runner.generate(generateTask(model, prompt, { maxTokens: 4 }), () => {}, never)
    expect(output(outputs, 'ids')).toEqual(ids)
    runner.forget(model.hash, 5)
    const dropped = stageTask(model, 0, 5, prompt.length, [idsTensor('ids', [1])])
    await expect(runner.stage(dropped, never)).rejects.toMatchObject({ code: 'cache_missing' })
    await expect(runner.stage({ ...dropped, last: 3 }, never)).rejects.toMatchObject({
      code: 'model_not_found',
    })
    await runner.unload(model.hash)
    await expect(runner.stage(dropped, never)).rejects.toMatchObject({ code: 'model_not_found' })
    await runner.dispose()
  })
}

export const noConstraints = (): Promise<never> => Promise.reject(new Error('no constraint was expected'))
