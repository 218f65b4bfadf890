import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import OpenAI from 'openai'
import { beforeAll, describe, expect, it } from 'vitest'
import { projectRoot } from '../cli/setup/places.mjs'
import { ada, openContribute } from './stage/contributor.ts'
import { until } from './stage/until.ts'
import { useStage } from './stage/useStage.ts'

const stage = useStage({ models: ['all-minilm-l6-v2'] })

/** A Python that has the official package: `python3 -m venv .cache/openai && .cache/openai/bin/pip install openai`. */
const python = join(projectRoot, '.cache/openai/bin/python')
const model = 'all-minilm-l6-v2'
const input = ['The harbour was quiet at dawn.', 'At sunrise nothing moved in the port.']

beforeAll(async () => {
  const { start } = await openContribute(await stage.profile())
  await start(ada)
  await until('the tab holds the model', async () => (await stage.ask.network()).models?.[0]?.ready)
})

describe('the official OpenAI clients, with nothing but another base URL', () => {
  it('TypeScript: the same embeddings as numbers and as base64, with usage and receipts', async () => {
    const baseURL = `${stage.relay.url}/v1`
    const client = new OpenAI({ baseURL, apiKey: 'unused', maxRetries: 0 })
    // Left alone, the client asks for base64 and decodes it itself.
    const plain = await client.embeddings.create({ model, input })
    const floats = await client.embeddings.create({ model, input, encoding_format: 'float' })
    const packed = await client.embeddings.create({ model, input, encoding_format: 'base64' })
    expect(plain.object).toBe('list')
    expect(plain.model).toBe(model)
    expect(plain.data.map(({ index, embedding }) => [index, embedding.length])).toEqual([
      [0, 384],
      [1, 384],
    ])
    expect(floats.data[0]!.embedding[0]).toBeTypeOf('number')
    // The types say numbers; with base64 asked for by name it is text.
    const text: unknown = packed.data[1]!.embedding
    const bytes = new Uint8Array(Buffer.from(String(text), 'base64'))
    const decoded = [...new Float32Array(bytes.buffer)]
    for (const [i, value] of decoded.entries()) {
      expect(value).toBeCloseTo(floats.data[1]!.embedding[i]!, 6)
      expect(value).toBeCloseTo(plain.data[1]!.embedding[i]!, 6)
    }
    expect(floats.usage.prompt_tokens).toBeGreaterThan(10)
    expect(floats.usage.total_tokens).toBe(floats.usage.prompt_tokens)

    const { response } = await client.embeddings.create({ model, input: input[0]! }).withResponse()
    const [receipt] = (response.headers.get('x-opentab-receipt') ?? '').split(',')
    expect((await stage.ask.receipts(ada)).map(({ id }) => id)).toContain(receipt)

    const models = await client.models.list()
    expect(models.data.map(({ id }) => id)).toEqual([model])
    await expect(client.embeddings.create({ model: 'no-such-model', input })).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
    })
    await expect(client.embeddings.create({ model, input, dimensions: 64 })).rejects.toMatchObject({
      status: 400,
      code: 'unsupported_parameter',
      param: 'dimensions',
    })
  })

  it('Python: the same', async (test) => {
    if (!existsSync(python)) test.skip(`${python} is not there: the official Python package is not installed`)
    const program = `
import json, sys
from openai import OpenAI, NotFoundError
client = OpenAI(base_url=sys.argv[1], api_key="unused", max_retries=0)
texts = json.loads(sys.argv[2])
plain = client.embeddings.create(model="${model}", input=texts)
floats = client.embeddings.create(model="${model}", input=texts, encoding_format="float")
try:
    client.embeddings.create(model="no-such-model", input=texts)
    missing = None
except NotFoundError as error:
    missing = error.code
far = max(abs(a - b) for x, y in zip(plain.data, floats.data) for a, b in zip(x.embedding, y.embedding))
print(json.dumps({"count": len(plain.data), "width": len(plain.data[0].embedding), "far": far,
  "tokens": plain.usage.prompt_tokens, "missing": missing}))
`
    const args = ['-c', program, `${stage.relay.url}/v1`, JSON.stringify(input)]
    const { stdout } = await promisify(execFile)(python, args)
    const seen: { far: number } = JSON.parse(stdout)
    expect(seen).toMatchObject({ count: 2, width: 384, missing: 'model_not_found' })
    expect(seen.far).toBeLessThan(1e-6)
  })
})
