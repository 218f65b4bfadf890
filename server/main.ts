import pino from 'pino'
import { OpentabError } from '../protocol/errors.ts'
import { readConfig } from './config.ts'
import { createRelay } from './createRelay.ts'
import { growHeapFaster } from './ops/heapGrowth.ts'

/** The relay's process: `npm start`. Logs go to stderr as JSON, the one line with the URL to stdout. */
async function main(): Promise<void> {
  const flags = process.argv.slice(2)
  if (flags.includes('--help') || flags.includes('-h')) {
    const { settingsHelp } = await import('./settingsHelp.ts')
    process.stdout.write(settingsHelp())
    return
  }
  // What the relay keeps is for its operator's eyes only.
  process.umask(0o077)
  growHeapFaster()
  const logger = pino({ level: process.env.LOG_LEVEL ?? 'info' }, pino.destination(2))
  const relay = await createRelay(readConfig(process.env, flags), {
    logger,
    onFailure: () => process.exit(1),
  })
  let stopping = false
  const stop = (signal: string): void => {
    if (stopping) return
    stopping = true
    logger.info({ signal }, 'draining')
    relay.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'the relay did not end cleanly')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGINT', () => stop('SIGINT'))
  process.stdout.write(`Opentab relay ready on ${relay.url}\n`)
}

main().catch((error: unknown) => {
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number }
  if (code === 'EADDRINUSE' || code === 'EACCES') {
    const why = code === 'EACCES' ? 'may not be used by this user' : 'is in use'
    process.stderr.write(
      `Port ${port} of ${address} ${why}. Set OPENTAB_PORT to another one (0 takes any free one).\n`,
    )
  } else if (error instanceof OpentabError) process.stderr.write(`${error.message} ${error.fix}\n`)
  else process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  process.exit(1)
})
