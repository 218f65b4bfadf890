import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { CommandError } from '../commandError.ts'
import { command, contextOf, fileArgument } from '../commandLine.ts'
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
      const server = await serveLab({ file: fileArgument(file), port: options.port, relayUrl }).catch(
        (error: NodeJS.ErrnoException) => {
          if (error.code !== 'EADDRINUSE') throw error
          throw new CommandError(
            `Port ${options.port} is in use. Give another one with --port, or leave it out for any free one.`,
          )
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
