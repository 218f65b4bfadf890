import { readFile } from 'node:fs/promises'
import { CommandError } from '../commandError.ts'

/** @throws CommandError naming a folder */
export async function readFileOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EISDIR') throw new CommandError(`${file} is a folder.`)
    throw error
  }
}

/** @throws what `isNone` makes of the reason why a text is no JSON */
export function parseJson(text: string, isNone: (why: string) => CommandError): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw isNone(error instanceof Error ? error.message.split('\n')[0]! : String(error))
  }
}
