import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { projectRoot } from '../../server/config.ts'

const folder = mkdtempSync(join(tmpdir(), 'opentab-lab-'))
const file = join(folder, 'scale.wgsl')
writeFileSync(file, '')
afterAll(() => rmSync(folder, { recursive: true }))

/** What `opentab lab` ends with. */
const run = (...given: string[]) =>
  new Promise((resolve) => {
    const args = ['--import', './server/rawText.ts', 'cli/opentab.ts', 'lab', ...given]
    execFile(process.execPath, args, { cwd: projectRoot, timeout: 15_000 }, (error, stdout, stderr) =>
      resolve({ code: error?.code, killed: error?.killed, stdout, stderr }),
    )
  })

it('ends with 2 where the program is not there, and names it', async () => {
  const missing = join(folder, 'other.wgsl')
  expect(await run(missing)).toEqual({
    code: 2,
    killed: false,
    stdout: '',
    stderr: `There is no file ${missing}. Give a program that is there; for a new one, make an empty file first: the lab runs every save of it.\n`,
  })
}, 30_000)

it('ends with 2 where the program is a folder', async () => {
  const inner = join(folder, 'inner.wgsl')
  mkdirSync(inner)
  expect(await run(inner)).toEqual({
    code: 2,
    killed: false,
    stdout: '',
    stderr: `${inner} is a folder. Give the program itself, a file that ends in .wgsl.\n`,
  })
}, 30_000)

it('says that its port is in use, and ends', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const port = String((other.address() as AddressInfo).port)
  const ended = await run(file, '--port', port)
  expect(ended).toEqual({
    code: 1,
    killed: false,
    stdout: '',
    stderr: `Port ${port} is in use. Give another one with --port, or leave it out for any free one.\n`,
  })
  other.close()
}, 30_000)
