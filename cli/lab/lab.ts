import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { CommandError } from '../commandError.ts'
import { command, contextOf, fileArgument } from '../commandLine.ts'
import { wrongUsage } from '../kernel/readFileOf.ts'
import { serveLab } from './serveLab.ts'

function programArgument(text: string): string {
  if (text.endsWith('.wgsl')) return text
  throw new InvalidArgumentError('Give a program: a file that ends in .wgsl.')
}

function portArgument(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65535) return port
  throw new InvalidArgumentError('A port is an integer from 0 to 65535.')
}

/** `opentab lab FILE` */
export const lab = (): Command =>
  command('lab', 'the lab on a local program; every save runs it')
    .argument('<file>', 'program: *.wgsl; a *.kernel.json of the same name describes it', programArgument)
    .option('--port <port>', 'port of the page; any free one by default', portArgument, 0)
    .action(async (file: string, options: { port: number }, self: Command) => {
      const { relayUrl, json } = contextOf(self)
      const program = fileArgument(file)
      const server = await serveLab({ file: program, port: options.port, relayUrl }).catch(
        (error: NodeJS.ErrnoException) => {
          throw inWords(error, program, options.port)
        },
      )
      process.stdout.write(json ? `${JSON.stringify({ url: server.url })}\n` : `${server.url}\n`)
      process.stderr.write(
        `The lab follows ${file}: open the page in Chrome. Every save runs it; Ctrl+C ends.\n`,
      )
      const { promise, resolve } = Promise.withResolvers<void>()
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
      await promise
      await server.close()
    })

/** Why the lab does not start; another error as it is. */
function inWords(error: NodeJS.ErrnoException, program: string, port: number): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new CommandError(
        `Port ${port} is in use. Give another one with --port, or leave it out for any free one.`,
      )
    case 'ENOENT':
      if (error.path !== program) return error
      return wrongUsage(
        `There is no file ${program}. Give a program that is there; for a new one, make an empty file first: the lab runs every save of it.`,
      )
    case 'EISDIR':
      return wrongUsage(`${program} is a folder. Give the program itself, a file that ends in .wgsl.`)
    default:
      return error
  }
}
