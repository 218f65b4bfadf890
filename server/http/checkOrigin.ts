import type { IncomingMessage } from 'node:http'
import { OpentabError } from '../../protocol/errors.ts'
import { type Config, isLoopback } from '../config.ts'

/** Whether a page of this origin may use the relay: our own pages, and programs, which send no origin. */
export function originAllowed({ headers }: IncomingMessage, publicUrl: string | null): boolean {
  const { origin, host } = headers
  if (origin === undefined) return true
  if (!URL.canParse(origin)) return false
  if (publicUrl !== null && origin === new URL(publicUrl).origin) return true
  return new URL(origin).host === host
}

/**
 * A relay for this machine alone takes anyone's word for being local, so it must not be reached through a name that
 * another site made point here (DNS rebinding).
 */
export function hostAllowed({ headers }: IncomingMessage, config: Config): boolean {
  if (config.PUBLIC_URL !== null || !isLoopback(config.HOST)) return true
  const { host } = headers
  return (
    host === undefined || (URL.canParse(`http://${host}`) && isLoopback(new URL(`http://${host}`).hostname))
  )
}

/** @throws OpentabError `bad_origin` for a foreign host name, or a change asked for by a page of another site */
export function checkOrigin(request: IncomingMessage, { config }: { config: Config }): void {
  if (!hostAllowed(request, config)) {
    throw new OpentabError(
      'bad_origin',
      `This relay is for this machine alone and does not answer as ${JSON.stringify(request.headers.host)}.`,
      {
        fix: 'Use 127.0.0.1 or localhost, or set OPENTAB_PUBLIC_URL.',
      },
    )
  }
  const reads = request.method === 'GET' || request.method === 'HEAD' || request.method === 'OPTIONS'
  if (reads || originAllowed(request, config.PUBLIC_URL)) return
  throw new OpentabError(
    'bad_origin',
    `A page of ${String(request.headers.origin)} may not send requests here.`,
    {
      fix: 'Send them from a program, or from a page that this relay serves.',
    },
  )
}
