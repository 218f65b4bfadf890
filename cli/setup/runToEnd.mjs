// @ts-check
import { spawn } from 'node:child_process'

/**
 * Runs a program to its end; its output is progress and goes to stderr. A signal to this process ends the program
 * first and then this process.
 * @param {string} file
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<number>} its exit code; 1 when a signal ended it
 * @throws Error when it cannot be started
 */
export async function runToEnd(file, args, options = {}) {
  const child = spawn(file, args, { stdio: ['ignore', 2, 2], ...options })
  /** @type {NodeJS.Signals | undefined} */
  let signalled
  /** @param {NodeJS.Signals} signal */
  const stop = (signal) => {
    signalled = signal
    child.kill(signal)
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  try {
    return await new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('exit', (code) => resolve(code ?? 1))
    })
  } finally {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
    if (signalled) process.exit(signalled === 'SIGINT' ? 130 : 143)
  }
}
