import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { z } from 'zod'
import { CommandError } from '../commandError.ts'
import { command, contextOf, fileArgument, show } from '../commandLine.ts'
import { callRelay } from '../relayClient.ts'

const ocrBody = z.object({ lines: z.array(z.object({ text: z.string() })) })

/** Content type of a picture by its first bytes. @throws CommandError for anything but PNG and JPEG */
export function pictureType(bytes: Uint8Array, file: string): 'image/png' | 'image/jpeg' {
  const starts = (...signature: number[]): boolean => signature.every((byte, index) => bytes[index] === byte)
  if (starts(0x89, 0x50, 0x4e, 0x47)) return 'image/png'
  if (starts(0xff, 0xd8, 0xff)) return 'image/jpeg'
  throw new CommandError(`${file} is neither a PNG nor a JPEG picture.`)
}

/** `opentab ocr FILE` */
export const ocr = (): Command =>
  command('ocr', 'the text in a picture')
    .argument('<file>', 'PNG or JPEG')
    .option('--api-key <key>', 'API key, where the relay wants one')
    .action(async (file: string, options: { apiKey?: string }, self: Command) => {
      const context = contextOf(self)
      const body = new Uint8Array(await readFile(fileArgument(file)))
      const type = pictureType(body, file)
      const document = await callRelay(context, '/v1/ocr', { body, type, token: options.apiKey })
      show(
        context,
        document,
        ocrBody.parse(document).lines.map((line) => line.text),
      )
    })
