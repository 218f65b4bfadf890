import { closeCodes, closeReasonOf } from '../../protocol/closeCodes.ts'
import { type ErrorCode, isErrorCode, OpentabError } from '../../protocol/errors.ts'
import { decodeLeases } from '../../protocol/frames.ts'
import { HEARTBEAT_MS, PROTOCOL_VERSION, TAB_SILENCE_MS } from '../../protocol/limits.ts'
import {
  decodeFromRelay,
  encodeMessage,
  type FromRelay,
  type FromTab,
  type Hello,
} from '../../protocol/messages.ts'
import type { Lease } from '../../protocol/task.ts'
import type { Clock, SocketListener, TabSocket } from './tabEnvironment.ts'

export type Welcome = Extract<FromRelay, { type: 'welcome' }>
export type DownReason = 'offline' | 'relay-restarting' | 'lost'

/** First pause before a reconnect, ms; doubled at each failure, with jitter. */
export const FIRST_BACKOFF_MS = 500
/** Longest pause before a reconnect, ms. */
export const LONGEST_BACKOFF_MS = 30_000
/** From opening a socket to the relay's welcome, ms; after that the attempt has failed. */
export const WELCOME_MS = 15_000

export interface ConnectionOptions {
  clock: Pick<Clock, 'now' | 'after'>
  random(): number
  openSocket(listener: SocketListener): TabSocket
  /** The hello of now, less what the connection itself knows. */
  hello(): Omit<Hello, 'type' | 'version' | 'resume'>
  /** The leases in hand, named in each heartbeat. */
  held(): [number, number][]
  /** Greeted. Where `resumed` is false the leases of before are void. */
  welcomed(welcome: Welcome): void
  received(message: Exclude<FromRelay, Welcome>): void
  leased(leases: Lease[]): void
  /** The link is down; it will be tried again at `retryAt`, epoch ms. */
  down(reason: DownReason, retryAt: number): void
  /** The link is down for good. */
  failed(error: OpentabError): void
  /** After each heartbeat. */
  beat?(): void
}

/** The link to the relay: greets, beats, comes back after a loss, and gives up where the close code says so. */
export class Connection {
  readonly #options: ConnectionOptions
  #socket: TabSocket | null = null
  #greeted = false
  #ended = false
  #offline = false
  #token: string | undefined
  #failures = 0
  #restarting = false
  #restartMs = 0
  #lastError: { code: ErrorCode; message: string; fix: string } | null = null
  #lastBeatAt = 0
  #beatMs = HEARTBEAT_MS
  /** Frames about leases that wait for the link; void unless the relay resumes. */
  #outbox: (string | Uint8Array<ArrayBuffer>)[] = []
  #callOff: () => void = () => {}

  constructor(options: ConnectionOptions) {
    this.#options = options
  }

  /** Greeted and not closed. */
  get up(): boolean {
    return this.#greeted
  }

  open(): void {
    this.#callOff()
    const { clock, openSocket } = this.#options
    let socket: TabSocket | null = null
    // A socket that was given up may still talk: only the present one is heard.
    const mine = (): boolean => socket !== null && socket === this.#socket
    socket = openSocket({
      opened: () => mine() && this.#greet(),
      text: (text) => mine() && this.#hear(() => this.#text(text)),
      binary: (frame) =>
        mine() &&
        this.#hear(() => {
          const leases = decodeLeases(frame)
          if (this.#greeted) this.#options.leased(leases)
        }),
      closed: (code) => mine() && this.#closed(code),
    })
    this.#socket = socket
    this.#callOff = clock.after(WELCOME_MS, () => this.#lose('lost'))
  }

  /** Sends now if the link is up; else the message is dropped (state, ready: told again in the next greeting). */
  say(message: FromTab): void {
    if (this.#greeted) this.#socket?.send(encodeMessage(message))
  }

  /** Sends now, or after a reconnect that resumes: for what concerns a lease. */
  deliver(data: FromTab | Uint8Array<ArrayBuffer>): void {
    const encoded = data instanceof Uint8Array ? data : encodeMessage(data)
    if (this.#greeted) this.#socket?.send(encoded)
    else this.#outbox.push(encoded)
  }

  /** The relay said that it goes down: the next loss is a restart, retried after `reconnectMs`. */
  expectRestart(reconnectMs: number): void {
    this.#restarting = true
    this.#restartMs = Math.min(reconnectMs, LONGEST_BACKOFF_MS)
  }

  /** The browser's word on the network. A false alarm costs one reconnect. */
  setOnline(online: boolean): void {
    if (this.#ended || this.#offline === !online) return
    this.#offline = !online
    if (!online && this.#socket) this.#lose('offline')
    else if (online && !this.#socket) {
      this.#failures = 0
      this.open()
    }
  }

  /** Closes on purpose and for good. */
  close(): void {
    this.#ended = true
    this.#drop(1000)
    this.#callOff()
  }

  /** Goes silent without a word (a fault of the tests). */
  vanish(): void {
    this.#ended = true
    this.#greeted = false
    this.#socket = null
    this.#callOff()
  }

  #hear(read: () => void): void {
    try {
      read()
    } catch (error) {
      if (!(error instanceof OpentabError)) throw error
      // The relay sent what this version cannot read: only a newer page can help.
      this.#fail(new OpentabError(error.code, error.message, { fix: 'Reload the tab.', cause: error }))
    }
  }

  #greet(): void {
    const hello: Hello = {
      type: 'hello',
      version: PROTOCOL_VERSION,
      ...this.#options.hello(),
      ...(this.#token === undefined ? {} : { resume: this.#token }),
    }
    this.#socket?.send(encodeMessage(hello))
  }

  #text(text: string): void {
    const message = decodeFromRelay(text)
    if (message.type === 'error') {
      this.#lastError = {
        code: isErrorCode(message.code) ? message.code : 'internal',
        message: message.message,
        fix: message.fix,
      }
    }
    if (message.type === 'welcome') this.#welcome(message)
    else if (message.type === 'error' || this.#greeted) this.#options.received(message)
  }

  #welcome(welcome: Welcome): void {
    if (welcome.version !== PROTOCOL_VERSION) {
      throw new OpentabError(
        'wrong_version',
        `The relay speaks version ${welcome.version}, this tab ${PROTOCOL_VERSION}.`,
      )
    }
    const outbox = this.#outbox
    this.#outbox = []
    this.#greeted = true
    this.#token = welcome.resume
    this.#restarting = false
    this.#lastError = null
    this.#beatMs = Math.min(welcome.heartbeatMs || HEARTBEAT_MS, HEARTBEAT_MS)
    if (welcome.resumed) for (const data of outbox) this.#socket?.send(data)
    this.#lastBeatAt = this.#options.clock.now()
    this.#callOff()
    this.#callOff = this.#options.clock.after(this.#beatMs, () => this.#beat())
    this.#options.welcomed(welcome)
  }

  #beat(): void {
    const { clock, held } = this.#options
    const now = clock.now()
    // The machine slept: the relay has given this tab up, though the socket may not know it yet.
    if (now - this.#lastBeatAt > TAB_SILENCE_MS) {
      this.#failures = 0
      this.#lose('lost', 0)
      return
    }
    this.#lastBeatAt = now
    // Only a connection that lasted proves that the relay is well.
    this.#failures = 0
    this.say({ type: 'heartbeat', leases: held() })
    this.#callOff = clock.after(this.#beatMs, () => this.#beat())
    this.#options.beat?.()
  }

  #closed(code: number): void {
    const reason = closeReasonOf(code)
    const row = reason && closeCodes[reason]
    if (reason === 'drain') this.#restarting = true
    if (!row || row.after === 'reconnect') {
      this.#lose(this.#offline ? 'offline' : this.#restarting ? 'relay-restarting' : 'lost')
      return
    }
    const said = this.#lastError?.code === row.error ? this.#lastError : null
    this.#fail(new OpentabError(row.error, said?.message, said ? { fix: said.fix } : {}))
  }

  #lose(reason: DownReason, retryMs = this.#backoffMs()): void {
    this.#drop(1000)
    const retryAt = this.#options.clock.now() + retryMs
    this.#callOff()
    this.#callOff = this.#options.clock.after(retryMs, () => this.open())
    this.#options.down(reason, retryAt)
  }

  #backoffMs(): number {
    const step = Math.min(FIRST_BACKOFF_MS * 2 ** this.#failures, LONGEST_BACKOFF_MS)
    this.#failures = Math.min(this.#failures + 1, 10)
    const ms = Math.max(step, this.#restarting ? this.#restartMs : 0) * (0.5 + this.#options.random())
    return Math.round(Math.min(Math.max(ms, FIRST_BACKOFF_MS), LONGEST_BACKOFF_MS))
  }

  #fail(error: OpentabError): void {
    this.close()
    this.#options.failed(error)
  }

  #drop(code: number): void {
    const socket = this.#socket
    this.#socket = null
    this.#greeted = false
    socket?.close(code)
  }
}
