import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { packedBytes } from '../../../protocol/weights/blockFormats.ts'
import type { WeightTensor } from '../../../protocol/weights/weightFile.ts'
import { readGguf } from './readGguf.ts'
import { type GgufOptions, type GgufValue, writeGguf } from './writeGguf.ts'

const folder = mkdtempSync(join(tmpdir(), 'opentab-gguf-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
const save = (bytes: Uint8Array): string => {
  const path = join(folder, `${files++}.gguf`)
  writeFileSync(path, bytes)
  return path
}
const saveModel = (metadata: Record<string, GgufValue>, tensors: WeightTensor[], options?: GgufOptions) =>
  save(writeGguf(Object.entries(metadata), tensors, options))

const tensor = (name: string, format: WeightTensor['format'], shape: number[]): WeightTensor => {
  const bytes = packedBytes(
    format,
    shape.reduce((product, size) => product * size, 1),
  )
  return { name, format, shape, bytes: Uint8Array.from({ length: bytes }, (_, i) => (i * 31 + bytes) & 255) }
}

describe('reading a GGUF file', () => {
  it('reads what the gguf package for Python wrote', async () => {
    const source = await readGguf(join(import.meta.dirname, 'sample.gguf'))
    expect(source.kind).toBe('gguf')
    expect(Object.fromEntries(source.metadata)).toEqual({
      'general.architecture': 'llama',
      'sample.u8': 200,
      'sample.i8': -100,
      'sample.u16': 60_000,
      'sample.i16': -30_000,
      'sample.u32': 4_000_000_000,
      'sample.i32': -2_000_000_000,
      'sample.u64': 2n ** 63n + 1n,
      'sample.i64': -(2 ** 40),
      'sample.f32': Math.fround(0.1),
      'sample.f64': 0.1,
      'sample.bool': true,
      'sample.text': '\ufeffgrüße, 世界 🌍',
      'sample.texts': ['', 'a', '▁b'],
      'sample.numbers': [1, -2, 3],
      'sample.floats': [0.5, -0.25],
      'sample.flags': [true, false],
    })
    const [norm, half, packed] = source.tensors.values()
    expect([norm?.name, norm?.format, norm?.shape]).toEqual(['norm', 'f32', [5]])
    expect([half?.name, half?.format, half?.shape]).toEqual(['half', 'f16', [2, 3]])
    expect([packed?.name, packed?.format, packed?.shape]).toEqual(['packed', 'q4_1', [3, 2, 64]])
    expect(new Float32Array((await norm!.read()).buffer as ArrayBuffer)).toEqual(
      Float32Array.of(0, 1, 2, 3, 4),
    )
    expect(await packed!.read()).toEqual(Uint8Array.from({ length: 240 }, (_, i) => i))
    await source.close()
  })

  for (const version of [2, 3] as const) {
    it(`reads version ${version} as writeGguf wrote it`, async () => {
      const tensors = [
        tensor('a', 'q8_0', [2, 3, 32]),
        tensor('b', 'f16', [7]),
        tensor('c', 'q5_k', [1, 512]),
      ]
      const source = await readGguf(
        saveModel({ name: 'tiny', layers: 2 }, tensors, { version, alignment: 64 }),
      )
      expect([...source.metadata]).toEqual([
        ['name', 'tiny'],
        ['layers', 2],
        ['general.alignment', 64],
      ])
      for (const { name, format, shape, bytes } of tensors) {
        const read = source.tensors.get(name)
        expect([read?.format, read?.shape]).toEqual([format, shape])
        expect(await read!.read()).toEqual(bytes)
      }
      await source.close()
    })
  }

  it('reads a file of metadata only', async () => {
    const source = await readGguf(saveModel({ a: [] }, []))
    expect([source.tensors.size, source.metadata.get('a')]).toEqual([0, []])
    await source.close()
  })

  it('reads a header that is larger than its first look', async () => {
    const words = Array.from({ length: 90_000 }, (_, i) => 'word'.repeat(30) + i)
    const source = await readGguf(saveModel({ words, last: true }, [tensor('a', 'f32', [1])]))
    expect((source.metadata.get('words') as string[]).at(-1)).toBe(`${'word'.repeat(30)}89999`)
    expect(source.metadata.get('last')).toBe(true)
    await source.close()
  })

  it('says so when the file became shorter after it was opened', async () => {
    const path = saveModel({}, [tensor('a', 'f32', [1000])])
    const source = await readGguf(path)
    truncateSync(path, 2000)
    await expect(source.tensors.get('a')!.read()).rejects.toMatchObject({
      code: 'model_refused',
      message: expect.stringMatching(/ends at byte 2000; it had \d+ bytes/),
    })
    await source.close()
  })

  it('refuses a folder and a path without a file', async () => {
    await expect(readGguf(folder)).rejects.toThrow('is not a file')
    await expect(readGguf(join(folder, 'none.gguf'))).rejects.toThrow('cannot be opened: ENOENT')
  })
})
