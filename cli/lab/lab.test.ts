import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { projectRoot } from '../../server/config.ts'

it('says that its port is in use, and ends', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'opentab-lab-port-'))
  const file = join(folder, 'scale.wgsl')
  writeFileSync(file, '')
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const port = String((other.address() as AddressInfo).port)
  const args = ['--import', './server/rawText.ts', 'cli/opentab.ts', 'lab', file, '--port', port]
  const ended = await new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: projectRoot, timeout: 15_000 }, (error, stdout, stderr) =>
      resolve({ code: error?.code, killed: error?.killed, stdout, stderr }),
    )
  })
  expect(ended).toEqual({
    code: 1,
    killed: false,
    stdout: '',
    stderr: `Port ${port} is in use. Give another one with --port, or leave it out for any free one.\n`,
  })
  other.close()
  rmSync(folder, { recursive: true })
}, 30_000)
