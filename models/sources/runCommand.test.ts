import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { CommandMissing, runCommand } from './runCommand.ts'

const options = { cwd: tmpdir(), timeoutMs: 10_000 }
const node = (script: string, timeoutMs = 10_000) =>
  runCommand(process.execPath, ['-e', script], { ...options, timeoutMs })

describe('a command', () => {
  it('gives its standard output', async () => {
    expect(await node('process.stdout.write("hello"); console.error("progress")')).toBe('hello')
  })

  it('that is not installed is told apart from one that fails', async () => {
    await expect(runCommand('opentab-no-such-command', [], options)).rejects.toBeInstanceOf(CommandMissing)
  })

  it('that fails gives the last lines that it wrote', async () => {
    await expect(node('console.error("first\\nsecond\\nthe reason"); process.exit(3)')).rejects.toThrow(
      'second the reason',
    )
    await expect(node('process.exit(3)')).rejects.toThrow('ended with 3')
  })

  it('that hangs is killed at its time limit', async () => {
    await expect(node('setInterval(() => {}, 1000)', 200)).rejects.toThrow('no answer within 0.2 s')
  })
})
