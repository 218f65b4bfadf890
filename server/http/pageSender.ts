import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { escapeHtml } from '../../protocol/networkPage.ts'
import { packText } from './packText.ts'

/** Without cross-origin isolation a page has no SharedArrayBuffer and WASM no threads. */
const isolation = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
} as const

const PAGE_POLICY =
  "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

/** Headers of everything that a page is made of. */
export const pageHeaders = {
  ...isolation,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const

/** What the page is told of its server. */
export interface PageServer {
  config: { TEST: boolean }
  /** Whether this is the lab's own server, which answers to no other page. */
  isLab?: boolean
  /** The relay's name and version, for the foot of every page; the lab's own server knows only where one is. */
  relay?: { name: string; version?: string }
}

export interface SentPage {
  /** HTTP status; 200 where absent. */
  status?: number
  /** HTML for readers without scripts. */
  noscript?: string
}

/** Sends the one document of all pages, which shows the page of its URL. */
export type SendPage = (
  request: FastifyRequest,
  reply: FastifyReply,
  sent?: SentPage,
) => Promise<FastifyReply>

/** @param dist folder of the build */
export const pageSender =
  (dist: string, { config, isLab, relay }: PageServer): SendPage =>
  async (request, reply, { status = 200, noscript = '' } = {}) => {
    // Never remembered: it names the assets that are there now.
    const html = await readFile(join(dist, 'index.html'), 'utf8').catch(() => null)
    reply
      .headers(pageHeaders)
      .header('content-security-policy', PAGE_POLICY)
      .header('cache-control', 'no-cache')
    reply.type('text/html; charset=utf-8')
    // Programs that ask for what is not there get JSON.
    reply.header('vary', status === 200 ? 'accept-encoding' : 'accept, accept-encoding')
    if (html === null) {
      return reply
        .code(status === 200 ? 503 : status)
        .send(
          '<!doctype html><title>Opentab</title><p>The pages are not built yet: run <code>npm start</code>.',
        )
    }
    const test = config.TEST ? '<meta name="opentab-test" content="1">' : ''
    const lab = isLab ? '<meta name="opentab-lab" content="1">' : ''
    const named = relay
      ? `<meta name="opentab-relay" content="${escapeHtml([relay.name, relay.version ?? []].flat().join(' '))}">`
      : ''
    const text = html
      .replace('<!--opentab-head-->', () => test + lab + named)
      .replace('<!--opentab-noscript-->', () => noscript)
    const { encoding, bytes } = await packText(text, request.headers['accept-encoding'])
    if (encoding) reply.header('content-encoding', encoding)
    return reply.code(status).send(bytes)
  }
