import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocketServer } from 'ws'
import { MAX_TABS_PER_IP } from '../../protocol/limits.ts'
import type { Config } from '../config.ts'
import { hostAllowed, originAllowed } from '../http/checkOrigin.ts'
import { type SocketContext, serveTab } from './tabSocket.ts'

function addressOf(request: IncomingMessage, trustProxy: boolean): string {
  const forwarded = trustProxy ? request.headers['x-forwarded-for'] : undefined
  // The last entry is the one that the proxy wrote; those before it are what the client said.
  const last = String(forwarded ?? '')
    .split(',')
    .at(-1)
  return last?.trim() || request.socket.remoteAddress || 'unknown'
}

function refuse(socket: Duplex, status: string, code: string, message: string): void {
  const body = JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code } })
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

/** Upgrades `/tab`: the origin and the number of connections from one address are checked before anything is read. */
export function acceptTabs(
  server: Server,
  sockets: WebSocketServer,
  context: SocketContext & { config: Config },
): void {
  const { config } = context
  const perAddress = new Map<string, number>()
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    const path = request.url?.split('?')[0]
    if (path !== '/tab') return refuse(socket, '404 Not Found', 'not_found', 'WebSockets are served at /tab.')
    if (!hostAllowed(request, config) || !originAllowed(request, config.PUBLIC_URL)) {
      return refuse(
        socket,
        '403 Forbidden',
        'bad_origin',
        `The origin ${String(request.headers.origin)} may not connect a tab here.`,
      )
    }
    const address = addressOf(request, config.TRUST_PROXY)
    const open = perAddress.get(address) ?? 0
    if (open >= MAX_TABS_PER_IP) {
      return refuse(
        socket,
        '429 Too Many Requests',
        'too_many_tabs',
        `${open} connections from ${address} are open.`,
      )
    }
    if (context.core.draining)
      return refuse(socket, '503 Service Unavailable', 'draining', 'The relay is shutting down.')
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      perAddress.set(address, (perAddress.get(address) ?? 0) + 1)
      webSocket.once('close', () => {
        const left = (perAddress.get(address) ?? 1) - 1
        if (left > 0) perAddress.set(address, left)
        else perAddress.delete(address)
      })
      serveTab(context, webSocket)
    })
  })
}
