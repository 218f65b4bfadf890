import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { create } from 'tar'
import { type CatalogueEntry, DEFAULT_TOLERANCE } from './catalogue.ts'
import { buildModel, node } from './onnx/buildModel.ts'
import type { CatalogueFile, SourceReference } from './sources/catalogueFile.ts'
import type { SourceContext } from './sources/sourceContext.ts'

/** A model of one operator. */
export const graph = buildModel({ nodes: [node('Relu', ['x'], ['y'])] })
/** A file beside it. */
export const tokens = new TextEncoder().encode('{"tokens": []}')

/** Where these are, in sources that do not exist. */
export const huggingFace: SourceReference = {
  kind: 'hugging-face',
  repository: 'a/b',
  revision: 'c',
  path: 'model.onnx',
}
export const npm: SourceReference = {
  kind: 'npm',
  package: '@some/models',
  version: '1.0.0',
  path: 'assets/model.onnx',
}
export const pypi: SourceReference = {
  kind: 'pypi',
  package: 'some-models',
  version: '2.0',
  path: 'some/model.onnx',
}
export const nested: SourceReference = { ...pypi, path: 'some/inner.zip', innerPath: 'tokens.json' }

/** A file of the catalogue that is in the cache or in these sources. */
export const fileOf = (
  fileName: string,
  bytes: Uint8Array,
  sources: readonly SourceReference[],
): CatalogueFile => ({
  fileName,
  sha256: createHash('sha256').update(bytes).digest('hex'),
  bytes: bytes.length,
  sources: [{ kind: 'file' }, ...sources],
})
/** An entry of the catalogue: the graph, and the file beside it where that has sources. */
export const entryOf = (
  graphSources: readonly SourceReference[],
  fileSources?: readonly SourceReference[],
): CatalogueEntry => ({
  id: 'tiny',
  kind: 'onnx',
  licence: 'MIT',
  source: 'made for a test',
  graphs: [{ name: 'main', file: fileOf('model.onnx', graph, graphSources), tolerance: DEFAULT_TOLERANCE }],
  files: fileSources ? { 'tokens.json': fileOf('tokens.json', tokens, fileSources) } : {},
})

/** What npm and pip would do, without a network; `ran` collects the commands. */
export const offline = (ran: string[] = [], content: Uint8Array = graph): Partial<SourceContext> => ({
  fetch: async () => {
    throw new TypeError('fetch failed', { cause: new Error('getaddrinfo ENOTFOUND') })
  },
  run: async (command, args, { cwd }) => {
    ran.push(`${command} ${args[0]} ${args[1]}`)
    if (command === 'npm' && args[0] === 'pack') {
      await mkdir(join(cwd, 'made', 'package', 'assets'), { recursive: true })
      await writeFile(join(cwd, 'made', 'package', 'assets', 'model.onnx'), content)
      await create({ file: join(cwd, 'some-models-1.0.0.tgz'), gzip: true, cwd: join(cwd, 'made') }, [
        'package',
      ])
    }
    if (command === 'python3') {
      const inner = zipSync({ 'tokens.json': tokens })
      await writeFile(join(cwd, 'some.whl'), zipSync({ 'some/model.onnx': content, 'some/inner.zip': inner }))
    }
    return ''
  },
})
