import { spawn } from 'node:child_process'

/** How a command is run. */
export interface CommandOptions {
  /** Working directory. */
  cwd: string
  /** The command is killed after this time, ms. */
  timeoutMs: number
}

/** A command that is not installed. */
export class CommandMissing extends Error {}

/**
 * Runs a command and gives its standard output. Throws `CommandMissing` when it is not installed, else an Error with
 * the last lines that it wrote to standard error.
 */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-4000)))
    child.on('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ENOENT' ? new CommandMissing(`${command} is not installed`) : error)
    })
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(stdout)
      if (signal !== null) return reject(new Error(`no answer within ${options.timeoutMs / 1000} s`))
      reject(new Error(lastLines(stderr) || `${command} ended with ${code}`))
    })
  })
}

const lastLines = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/A complete log of this run|^\[notice\]/.test(line))
    .slice(-2)
    .join(' ')
    .slice(0, 300)
