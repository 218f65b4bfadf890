import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { requireModelFile } from './requireModelFile.ts'
import { packagedModels, setUpModels } from './setUp.ts'

it('costs less than a tenth of a second when the models are there, and asks nobody', async () => {
  await requireModelFile('pp-ocrv4', 'detect')
  await requireModelFile('all-minilm-l6-v2', 'main')
  const context = {
    fetch: async () => expect.unreachable('a fetch'),
    run: async () => expect.unreachable('a command'),
  }
  const dataFolder = fileURLToPath(new URL('../data', import.meta.url))
  const times: number[] = []
  for (let round = 0; round < 5; round++) {
    const start = performance.now()
    const models = await setUpModels({ dataFolder, context })
    times.push(performance.now() - start)
    expect(models.map(({ manifest }) => manifest.id)).toEqual([...packagedModels])
  }
  expect(Math.min(...times)).toBeLessThan(100)
})
