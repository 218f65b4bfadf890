import type { WebSocket } from 'ws'
import { type CloseReason, closeCodes } from '../../protocol/closeCodes.ts'
import { OpentabError } from '../../protocol/errors.ts'
import { decodeResults, encodeLeases } from '../../protocol/frames.ts'
import { HEARTBEAT_MS, HELLO_MS, PROTOCOL_VERSION, SOCKET_LIMIT_BYTES } from '../../protocol/limits.ts'
import { decodeFromTab, encodeMessage, type FromRelay, type Hello } from '../../protocol/messages.ts'
import type { Core } from '../core.ts'
import { acceptResults } from '../jobs/acceptResult.ts'
import { payeeAddress } from '../ledger/payeeAddress.ts'
import type { Tab, TabLink } from '../placement/tab.ts'
import { cutTab, greetTab, hearTab } from '../placement/tabRegistry.ts'
import { isNews, NewsAllowance } from './newsAllowance.ts'

export interface SocketContext {
  core: Core
  relay: { name: string; version: string }
  /** Called when a tab was greeted, to send it what it needs to know. */
  greeted: (tab: Tab) => void
}

const closeOf = new Map<string, CloseReason>(
  (Object.keys(closeCodes) as CloseReason[]).map((reason) => [closeCodes[reason].error, reason]),
)

/** Serves one connection of `/tab`: decodes what comes, closes with a named reason on the first thing that is wrong. */
export function serveTab(context: SocketContext, socket: WebSocket): void {
  const { core } = context
  let tab: Tab | null = null
  const allowance = new NewsAllowance(core.clock)
  const link: TabLink = {
    leases(leases) {
      send(encodeLeases(leases))
    },
    message(message) {
      send(encodeMessage(message))
    },
    // A socket that is closing sends nothing more: leases for it would be lost.
    bufferedBytes: () =>
      socket.readyState === socket.OPEN ? socket.bufferedAmount : Number.POSITIVE_INFINITY,
    close(reason, message) {
      close(reason, new OpentabError(closeCodes[reason].error, message))
    },
  }
  const send = (data: string | Uint8Array): void => {
    if (socket.readyState !== socket.OPEN) return
    if (socket.bufferedAmount > SOCKET_LIMIT_BYTES) {
      return close(
        'tooSlow',
        new OpentabError('too_slow', `${socket.bufferedAmount} bytes wait for this tab.`),
      )
    }
    socket.send(data, { binary: typeof data !== 'string' })
  }
  const close = (reason: CloseReason, error: OpentabError): void => {
    if (socket.readyState !== socket.OPEN) return
    socket.send(encodeMessage({ type: 'error', code: error.code, message: error.message, fix: error.fix }))
    socket.close(closeCodes[reason].code, closeCodes[reason].error)
    // A peer that does not answer the close is cut off.
    const cancel = core.clock.after(2_000, () => socket.terminate())
    socket.once('close', cancel)
  }
  const refuse = (error: unknown): void => {
    if (error instanceof OpentabError) {
      core.report(error, 'a tab was refused')
      return close(closeOf.get(error.code) ?? 'badFrame', error)
    }
    core.report(error, 'a message of a tab')
    close('badFrame', new OpentabError('bad_frame', 'The message could not be handled.'))
  }

  const cancelHello = core.clock.after(HELLO_MS, () => {
    if (!tab) close('notGreeted', new OpentabError('not_greeted', `No hello came within ${HELLO_MS} ms.`))
  })
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (socket.readyState !== socket.OPEN) return
    try {
      if (isBinary) {
        if (!tab) throw new OpentabError('not_greeted')
        tab.lastSeenAt = core.clock.now()
        acceptResults(core, tab, decodeResults(data))
        return
      }
      const message = decodeFromTab(data.toString('utf8'))
      if (message.type === 'hello') {
        if (tab) throw new OpentabError('bad_frame', 'A second hello came.')
        tab = greet(message)
        return
      }
      if (!tab) throw new OpentabError('not_greeted', `The first message was ${message.type}.`)
      if (isNews(message)) allowance.spend()
      hearTab(core, tab, message)
    } catch (error) {
      refuse(error)
    }
  })
  socket.on('error', (error: Error & { code?: string }) => {
    // ws has closed with 1009 by itself when a frame was over maxPayload.
    core.report(
      error,
      error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? 'frame_too_large' : 'a tab’s socket',
    )
  })
  socket.on('close', () => {
    cancelHello()
    if (tab) cutTab(core, tab, link)
  })

  function greet(hello: Hello): Tab {
    cancelHello()
    if (hello.version !== PROTOCOL_VERSION) {
      throw new OpentabError(
        'wrong_version',
        `The tab speaks version ${hello.version}; this relay speaks ${PROTOCOL_VERSION}.`,
      )
    }
    if (core.draining) throw new OpentabError('draining', 'The relay is shutting down.')
    const address = payeeAddress(hello.address)
    if (core.ledger.knownPayee(address)?.banned)
      throw new OpentabError('account_banned', `${address} is banned on this relay.`)
    const older = [...core.tabs.values()].find((other) => other.resume === hello.resume)?.link
    const greeted = greetTab(core, hello, address, link)
    older?.close('replaced', 'The same tab connected again.')
    const welcome: FromRelay = {
      type: 'welcome',
      version: PROTOCOL_VERSION,
      tab: greeted.tab.id,
      resume: greeted.tab.resume,
      resumed: greeted.resumed,
      relay: context.relay,
      heartbeatMs: HEARTBEAT_MS,
      deviceClass: greeted.tab.deviceClass,
      ...core.tuning.welcomeOf(greeted.tab.deviceClass),
    }
    link.message(welcome)
    context.greeted(greeted.tab)
    return greeted.tab
  }
}
