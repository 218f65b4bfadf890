import { readFile } from 'node:fs/promises'
import { withoutByteOrderMark } from '../../protocol/kernel/wgslText.ts'
import { CommandError } from '../commandError.ts'

/** Something is wrong with a file that the command line or the job file names: exit code 2. */
export const wrongUsage = (message: string): CommandError => new CommandError(message, { exitCode: 2 })

/** @throws CommandError of wrong usage naming the file, where there is none or it cannot be read */
export async function readFileOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw wrongUsage(`There is no file ${file}.`)
    if (code === 'EISDIR') throw wrongUsage(`${file} is a folder.`)
    throw wrongUsage(`${file} cannot be read: ${message}`)
  }
}

/** @throws what `isNone` makes of the reason why a text is no JSON */
export function parseJson(text: string, isNone: (why: string) => CommandError): unknown {
  try {
    return JSON.parse(withoutByteOrderMark(text)) as unknown
  } catch (error) {
    throw isNone(error instanceof Error ? error.message.split('\n')[0]! : String(error))
  }
}
