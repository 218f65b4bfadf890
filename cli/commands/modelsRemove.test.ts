import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { importOnnxBytes } from '../../models/importOnnx.ts'
import { buildModel, node } from '../../models/onnx/buildModel.ts'
import { lockData } from '../../server/ops/dataLock.ts'
import { runCommandLine } from '../opentab.ts'

let dataFolder: string
let sha256: string
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'opentab-cli-remove-'))
  vi.stubEnv('OPENTAB_DATA', dataFolder)
  vi.stubEnv('OPENTAB_RELAY', 'http://127.0.0.1:9')
  vi.stubEnv('OPENTAB_ADMIN_TOKEN', 'x'.repeat(32))
  const bytes = buildModel({ nodes: [node('Relu', ['x'], ['y'])] })
  const { manifest } = await importOnnxBytes(bytes, { dataFolder, name: 'relu', source: 'the test' })
  sha256 = manifest.graphs[0]!.shards[0]!.sha256
})
afterEach(async () => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  await rm(dataFolder, { recursive: true, force: true })
})

const remove = (): Promise<number> => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  return runCommandLine(['models', 'remove', 'relu'])
}
const filesIn = (folder: string): Promise<string[]> =>
  readdir(join(dataFolder, 'models', folder)).catch(() => [])

it('deletes the files of a removed model where no relay uses the folder', async () => {
  expect(await remove()).toBe(0)
  expect([await filesIn('manifests'), await filesIn('blobs'), await filesIn('removed')]).toEqual([[], [], []])
})

it('leaves them to a relay that uses it: it may have to check what was made with them', async () => {
  const unlock = lockData(dataFolder)
  try {
    expect(await remove()).toBe(0)
  } finally {
    unlock()
  }
  expect([await filesIn('manifests'), await filesIn('blobs'), await filesIn('removed')]).toEqual([
    [],
    [],
    [sha256],
  ])
})
