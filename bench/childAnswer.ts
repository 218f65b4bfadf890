import type { ChildProcess } from 'node:child_process'

/** The next message of a bare side in a process of its own. @throws Error when the process ends before it */
export function answerOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void =>
      reject(new Error(`The bare runtime ended with ${String(code)}.`))
    child.once('exit', ended)
    child.once('message', (message) => {
      child.off('exit', ended)
      resolve(message)
    })
  })
}
