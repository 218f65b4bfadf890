import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import reference from '../../../bench/reference/embeddings.json' with { type: 'json' }
import { elementsOf } from '../../../protocol/tensor.ts'
import type { FlowContext } from '../../jobs/flow.ts'
import { createDirectContext, type DirectContext } from '../directContext.ts'
import type { FlowOptions } from '../modelParts.ts'
import { packagedModel } from '../packagedModel.ts'
import { PipelineThread } from '../pipelineThread.ts'
import { createEmbeddingsFlow } from './embeddingsFlow.ts'

const thread = new PipelineThread()
const model = 'all-minilm-l6-v2'
let packaged: FlowOptions
let direct: DirectContext

beforeAll(async () => {
  packaged = await packagedModel(model)
  direct = createDirectContext(packaged.model, packaged.readFile)
})
afterAll(() => thread.close())

const texts = reference.map(({ text }) => text)
const embed = (
  input: string[],
  encoding_format: 'float' | 'base64' = 'float',
  context: FlowContext = direct,
) => createEmbeddingsFlow(packaged, thread)({ model, input, encoding_format }, context)

const vectorOf = (base64: string): Float32Array =>
  new Float32Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer)
const cosine = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0)

describe('twenty sentences beside the reference', () => {
  it('have the reference’s token ids, each row padded with zeros under its mask', async () => {
    const rows = new Map<number, number[]>()
    const watching: FlowContext = {
      ...direct,
      task(index, spec) {
        const [ids, mask, types] = spec.inputs.map((input) =>
          Array.from(elementsOf({ ...input, datatype: 'INT64' }), Number),
        )
        const length = spec.inputs[0]!.shape[1]!
        for (let row = 0; row * length < ids!.length; row++) {
          const slice = (values: number[]) => values.slice(row * length, (row + 1) * length)
          const count = slice(mask!).filter((bit) => bit === 1).length
          expect(slice(mask!)).toEqual([...new Array(count).fill(1), ...new Array(length - count).fill(0)])
          expect(
            slice(ids!)
              .slice(count)
              .every((id) => id === 0),
          ).toBe(true)
          rows.set(rows.size, slice(ids!).slice(0, count))
        }
        expect(types!.every((type) => type === 0)).toBe(true)
        return direct.task(index, spec)
      },
    }
    await embed(texts, 'float', watching)
    const sorted = (lists: number[][]) => lists.map((ids) => ids.join(' ')).sort()
    expect(sorted([...rows.values()])).toEqual(sorted(reference.map(({ ids }) => ids)))
  }, 60_000)

  it('have the reference’s vectors, in the order of the input, in both encodings, and count tokens without padding', async () => {
    const floats = await embed(texts)
    const encoded = await embed(texts, 'base64')
    const tokens = reference.reduce((sum, { ids }) => sum + ids.length, 0)
    expect(floats).toMatchObject({
      object: 'list',
      model,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    })
    for (const [index, { vector }] of reference.entries()) {
      const { embedding } = floats.data[index]!
      if (typeof embedding === 'string') throw new Error('a string where floats were asked for')
      expect(floats.data[index]).toMatchObject({ object: 'embedding', index })
      expect(embedding).toHaveLength(384)
      expect(cosine(embedding, embedding)).toBeCloseTo(1, 5)
      expect(cosine(embedding, vectorOf(vector)), texts[index]).toBeGreaterThanOrEqual(0.999)
      expect(Array.from(vectorOf(String(encoded.data[index]!.embedding)))).toEqual(embedding)
    }
  }, 60_000)
})

describe('a text that is too long', () => {
  const words = (count: number) => 'a '.repeat(count)
  const noTask: FlowContext = {
    signal: new AbortController().signal,
    task: () => Promise.reject(new Error('a task')),
    answer: () => Promise.reject(new Error('an answer')),
    emit() {},
  }

  it('is refused with both numbers and its place, before any task', async () => {
    await expect(embed(['short', words(255)], 'float', noTask)).rejects.toMatchObject({
      code: 'context_length_exceeded',
      param: 'input',
      message: expect.stringMatching(/256 tokens.*input\[1\] has 257 tokens/),
    })
  })

  it('is refused without being read to its end when it is very long', async () => {
    await expect(embed([words(500_000)], 'float', noTask)).rejects.toThrow(/more than \d+ tokens/)
  })

  it('may have 256 tokens', async () => {
    expect((await embed([words(254)])).usage.prompt_tokens).toBe(256)
  })
})
