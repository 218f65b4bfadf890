import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { OpentabError } from '../../../protocol/errors.ts'
import type { WeightTensor } from '../../../protocol/weights/weightFile.ts'
import { readSafetensorsFolder } from './readSafetensorsFolder.ts'
import { writeSafetensors } from './writeSafetensors.ts'

const root = mkdtempSync(join(tmpdir(), 'opentab-safetensors-'))
afterAll(() => rmSync(root, { recursive: true }))

let folders = 0
/** A folder with these files; objects are written as JSON. */
const folderOf = (files: Record<string, Uint8Array | string | object>): string => {
  const folder = join(root, `${folders++}`)
  mkdirSync(folder)
  for (const [name, content] of Object.entries(files)) {
    const isBytes = content instanceof Uint8Array || typeof content === 'string'
    writeFileSync(join(folder, name), isBytes ? content : JSON.stringify(content))
  }
  return folder
}

const a: WeightTensor = {
  name: 'a',
  format: 'bf16',
  shape: [2, 3],
  bytes: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
}
const b: WeightTensor = { name: 'b', format: 'f32', shape: [1], bytes: Uint8Array.of(9, 8, 7, 6) }
const config = { model_type: 'llama' }
const weight_map = { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' }
const parts = {
  'config.json': config,
  'model.safetensors.index.json': { metadata: { total_size: 16 }, weight_map },
  'model-00001-of-00002.safetensors': writeSafetensors([a]),
  'model-00002-of-00002.safetensors': writeSafetensors([b]),
}

async function contentOf(folder: string) {
  const source = await readSafetensorsFolder(folder)
  const tensors: WeightTensor[] = []
  for (const { name, format, shape, read } of source.tensors.values()) {
    tensors.push({ name, format, shape, bytes: await read() })
  }
  await source.close()
  return { ...source, tensors }
}

describe('reading a folder of Hugging Face', () => {
  it('reads what the safetensors package for Python wrote', async () => {
    const sample = readFileSync(join(import.meta.dirname, 'sample.safetensors'))
    const { kind, metadata, tensors } = await contentOf(
      folderOf({ 'config.json': config, 'model.safetensors': sample }),
    )
    expect([kind, [...metadata]]).toEqual(['safetensors', [['format', 'pt']]])
    const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer)
    const halves = (...bits: number[]) => new Uint8Array(Uint16Array.from(bits).buffer)
    expect(tensors).toEqual([
      { name: 'norm', format: 'f32', shape: [5], bytes: floats(0, 1, 2, 3, 4) },
      {
        name: 'half',
        format: 'f16',
        shape: [2, 3],
        bytes: halves(0, 0x3c00, 0x4000, 0x4200, 0x4400, 0x4500),
      },
    ])
  })

  it('writes the bytes that the safetensors package writes', () => {
    const sample = new Uint8Array(readFileSync(join(import.meta.dirname, 'sample.safetensors')))
    const written = writeSafetensors([
      { name: 'norm', format: 'f32', shape: [5], bytes: sample.slice(160, 180) },
      { name: 'half', format: 'f16', shape: [2, 3], bytes: sample.slice(180, 192) },
    ])
    expect(written).toEqual(sample)
  })

  it('reads a model in parts', async () => {
    const { tensors } = await contentOf(folderOf(parts))
    expect(tensors).toEqual([a, b])
  })

  it('gives null for what is not there', async () => {
    const { config: read, files } = await contentOf(folderOf(parts))
    expect(read).toEqual(config)
    expect(files).toEqual({
      tokenizer: null,
      tokenizerConfig: null,
      chatTemplate: null,
      generationConfig: null,
    })
  })

  it('reads the files beside the weights', async () => {
    const { files } = await contentOf(
      folderOf({
        ...parts,
        'tokenizer.json': '{"version": "1.0"}',
        'tokenizer_config.json': { eos_token: '</s>', chat_template: 'old' },
        'chat_template.jinja': 'new',
        'generation_config.json': { temperature: 0.6 },
      }),
    )
    expect(new TextDecoder().decode(files.tokenizer!)).toBe('{"version": "1.0"}')
    expect(files.tokenizerConfig?.eos_token).toBe('</s>')
    expect([files.chatTemplate, files.generationConfig]).toEqual(['new', { temperature: 0.6 }])
  })

  it('finds the chat template in the tokenizer’s configuration, also among named ones', async () => {
    const templateOf = async (chat_template: unknown) =>
      (await contentOf(folderOf({ ...parts, 'tokenizer_config.json': { chat_template } }))).files.chatTemplate
    expect(await templateOf('plain')).toBe('plain')
    expect(await templateOf(null)).toBeNull()
    const named = [
      { name: 'tool_use', template: 'tools' },
      { name: 'default', template: 'chat' },
    ]
    expect(await templateOf(named)).toBe('chat')
    await expect(templateOf([{ name: 'tool_use', template: 'tools' }])).rejects.toThrow('called "default"')
  })
})

const index = (map: unknown) => ({ 'model.safetensors.index.json': { weight_map: map } })
const damaged: [string, Record<string, Uint8Array | string | object>, string][] = [
  ['without config.json', { 'model.safetensors': writeSafetensors([a]) }, 'has no config.json'],
  ['whose config.json is a list', { ...parts, 'config.json': [] }, '"config.json" is not a JSON object'],
  ['whose config.json is cut off', { ...parts, 'config.json': '{"a":' }, '"config.json" is not valid JSON'],
  [
    'without weights',
    { 'config.json': config },
    'has neither model.safetensors nor model.safetensors.index.json',
  ],
  [
    'with a cut-off file',
    { 'config.json': config, 'model.safetensors': writeSafetensors([a]).subarray(0, -1) },
    'Tensor "a" lies at bytes 0 to 12 of 11',
  ],
  [
    'with an empty file',
    { 'config.json': config, 'model.safetensors': '' },
    '"model.safetensors" has 0 bytes',
  ],
  [
    'with a dtype that is not read',
    {
      'config.json': config,
      'model.safetensors': Buffer.from(writeSafetensors([b]))
        .toString('latin1')
        .replace('"F32"', '"I32"'),
    },
    'has the dtype I32; F32, F16 and BF16 are read',
  ],
  ['whose index has no map', { ...parts, ...index(undefined) }, 'has no weight_map'],
  [
    'whose index reaches out of the folder',
    { ...parts, ...index({ a: '../model.safetensors' }) },
    '"../model.safetensors", which is no file name',
  ],
  ['whose index names a number', { ...parts, ...index({ a: 7 }) }, 'which is no file name'],
  [
    'whose index names a missing part',
    { ...parts, ...index({ a: 'model-00003.safetensors' }) },
    'cannot be opened: ENOENT',
  ],
  [
    'whose index lists too little',
    { ...parts, ...index({ a: weight_map.a, c: weight_map.b }) },
    'Tensor "b" is in "model-00002-of-00002.safetensors"; model.safetensors.index.json lists it nowhere',
  ],
  [
    'whose index lists too much',
    { ...parts, ...index({ ...weight_map, c: weight_map.a }) },
    'lists tensor "c" in "model-00001-of-00002.safetensors", which does not hold it',
  ],
  [
    'with a tensor in two parts',
    { ...parts, 'model-00002-of-00002.safetensors': writeSafetensors([b, a]) },
    'Tensor "a" is in "model-00002-of-00002.safetensors"; model.safetensors.index.json lists it in "model-00001',
  ],
  [
    'whose tokenizer configuration is text',
    { ...parts, 'tokenizer_config.json': '"text"' },
    '"tokenizer_config.json" is not a JSON object',
  ],
  [
    'whose template is not UTF-8',
    { ...parts, 'chat_template.jinja': Uint8Array.of(0xff, 0xfe) },
    '"chat_template.jinja" is not UTF-8',
  ],
]

describe('a damaged folder', () => {
  for (const [name, files, message] of damaged) {
    it(`is refused: one ${name}`, async () => {
      const opened = readSafetensorsFolder(folderOf(files))
      await expect(opened).rejects.toThrow(message)
      await expect(opened).rejects.toBeInstanceOf(OpentabError)
    })
  }

  it('is refused when it is a file', async () => {
    await expect(readSafetensorsFolder(join(import.meta.dirname, 'sample.safetensors'))).rejects.toThrow(
      'is not a folder',
    )
  })

  it('is not written from weights in blocks', () => {
    expect(() =>
      writeSafetensors([{ name: 'a', format: 'q8_0', shape: [32], bytes: new Uint8Array(34) }]),
    ).toThrow('Tensor a is q8_0')
  })
})
