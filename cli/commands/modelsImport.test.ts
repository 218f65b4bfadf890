import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { tinyGguf, writeTinyFolder } from '../../models/language/tiny/tinyFiles.ts'
import { tinyModel } from '../../models/language/tiny/tinyModel.ts'
import { runCommandLine } from '../opentab.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opentab-cli-import-'))
  await writeFile(join(folder, 'tiny.gguf'), tinyGguf(tinyModel('qwen3', { format: 'q8_0' })))
  vi.stubEnv('OPENTAB_DATA', join(folder, 'data'))
  vi.stubEnv('OPENTAB_RELAY', 'http://127.0.0.1:9')
  vi.stubEnv('OPENTAB_ADMIN_TOKEN', 'x'.repeat(32))
  vi.stubEnv('INIT_CWD', folder)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

async function importing(...args: string[]) {
  const written = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text)
      return true
    })
  }
  const code = await runCommandLine(['models', 'import', ...args]).finally(() => vi.restoreAllMocks())
  return { code, ...written }
}
const stored = () => readdir(join(folder, 'data', 'models', 'manifests')).catch(() => [])

describe('opentab models import', () => {
  it('cuts a GGUF into stages, says which, and shows its progress on stderr', async () => {
    const { code, stdout, stderr } = await importing('tiny.gguf', '--name', 'tiny', '--shards', '2')
    expect(code).toBe(0)
    expect(stdout).toContain('qwen3, 4 layers, context of 256 tokens\n')
    expect(stdout).toMatch(/stage 0 {2}layers 0 to 1, 0\.\d MB, 0\.\d MB in a tab's memory\n/)
    expect(stdout).toContain('the weights are those of the source, without loss')
    expect(stderr).toContain('100 % of 0.')
    expect(await stored()).toEqual(['tiny.json'])
  })

  it('quantises a folder and says what that changed', async () => {
    await writeTinyFolder(join(folder, 'hf'), tinyModel('llama'))
    const { code, stdout } = await importing('hf', '--name', 'tiny', '--quantize', '4', '--shard-mb', '1')
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /measured on \d+ tokens: perplexity [\d.]+ before, [\d.]+ after; same likeliest token at [\d.]+ %/,
    )
  })

  it('gives one document with --json', async () => {
    const { stdout } = await importing('tiny.gguf', '--name', 'tiny', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ id: 'tiny', manifest: { kind: 'chat' }, served: false })
  })

  it.each([
    ['two ways of cutting', ['--shards', '2', '--shard-mb', '1'], 2],
    ['no stages at all', ['--shards', '0'], 2],
    ['bits that there are not', ['--quantize', '3'], 2],
    ['more stages than layers', ['--shards', '5'], 1],
    ['a context beyond the model', ['--context', '257'], 1],
    ['a tolerance', ['--rtol', '0.1'], 1],
  ])('refuses %s', async (_, args, code) => {
    const result = await importing('tiny.gguf', '--name', 'tiny', ...args)
    expect(result.code).toBe(code)
    expect(result.stderr).not.toBe('')
    expect(await stored()).toEqual([])
  })
})
