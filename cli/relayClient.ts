import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { CommandError } from './commandError.ts'
import { pinKey } from './knownRelays.ts'

/** Where a command works: the relay it talks to and the data folder of this machine. */
export interface Place {
  /** URL without a slash at its end. */
  relayUrl: string
  dataFolder: string
  /** The configured admin token; the data folder's when null. */
  adminToken: string | null
}

export interface CallOptions {
  method?: 'GET' | 'POST' | 'DELETE'
  /** Sent as JSON, or as it is when it is bytes. */
  body?: object | Uint8Array<ArrayBuffer>
  /** Content type of bytes. */
  type?: string
  /** Sent as `authorization: Bearer`. */
  token?: string | undefined
  /** Whether the token is the operator's and no requester's key. */
  isAdmin?: boolean
  /** Calls the request off. */
  signal?: AbortSignal | undefined
}

/** How long a relay may take to answer a connection attempt, ms; the work itself has no limit here. */
const PIN_WAIT_MS = 3_000

/** Calls the relay and returns the parsed JSON body. @throws CommandError with the relay's own words */
export async function callRelay(place: Place, path: string, options: CallOptions = {}): Promise<unknown> {
  const answer = await ask(place, path, options)
  const document = parse(await textOf(place, answer))
  if (answer.ok) return document
  throw refusedBy(answer, path, document, options)
}

/** Calls the relay and returns the body as it arrives. @throws CommandError with the relay's own words */
export async function openRelay(
  place: Place,
  path: string,
  options: CallOptions = {},
): Promise<AsyncIterable<Uint8Array>> {
  const answer = await ask(place, path, options)
  if (answer.ok && answer.body !== null) return answer.body
  const document = parse(await textOf(place, answer))
  throw refusedBy(answer, path, document, options)
}

async function ask(place: Place, path: string, options: CallOptions): Promise<Response> {
  const { body, token, signal } = options
  const bytes = body instanceof Uint8Array
  const headers: Record<string, string> = {}
  if (body)
    headers['content-type'] = bytes ? (options.type ?? 'application/octet-stream') : 'application/json'
  if (token !== undefined) headers.authorization = `Bearer ${token}`
  const [answer] = await Promise.all([
    reach(place, path, {
      method: options.method ?? (body ? 'POST' : 'GET'),
      headers,
      body: body === undefined ? undefined : bytes ? body : JSON.stringify(body),
      ...(signal && { signal }),
    }),
    pinRelay(place),
  ])
  return answer
}

/** Calls an admin route with the token of the configuration or of the data folder. */
export async function callAdmin(place: Place, path: string, options: CallOptions = {}): Promise<unknown> {
  return callRelay(place, path, { ...options, token: adminToken(place), isAdmin: true })
}

/** The admin token. @throws CommandError when there is none */
function adminToken({ adminToken: configured, dataFolder }: Place): string {
  if (configured !== null) return configured
  try {
    return readFileSync(join(dataFolder, 'admin-token'), 'utf8').trim()
  } catch {
    throw new CommandError(
      `There is no admin token: ${join(dataFolder, 'admin-token')} is not there. Set OPENTAB_ADMIN_TOKEN, or OPENTAB_DATA to the relay's data folder.`,
    )
  }
}

const contacts = new WeakMap<Place, Promise<void>>()

/** Remembers the key of the relay's log at the first contact with it; asks once for each command. */
export function pinRelay(place: Place): Promise<void> {
  const contact = contacts.get(place) ?? askForKey(place)
  contacts.set(place, contact)
  return contact
}

async function askForKey(place: Place): Promise<void> {
  const answer = await fetch(`${place.relayUrl}/log/vkey`, {
    signal: AbortSignal.timeout(PIN_WAIT_MS),
  }).catch(() => null)
  if (answer?.ok) await pinKey(place, (await answer.text()).trim())
}

async function reach(place: Place, path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(`${place.relayUrl}${path}`, init)
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw noRelay(place, error)
  }
}

/** The whole answer: a relay may go away in the middle of it. */
async function textOf(place: Place, answer: Response): Promise<string> {
  try {
    return await answer.text()
  } catch (error) {
    throw noRelay(place, error)
  }
}

function noRelay({ relayUrl }: Place, error: unknown): CommandError {
  const cause = error instanceof Error ? error.cause : undefined
  const why = cause instanceof Error ? cause.message : String(error)
  return new CommandError(
    `No relay answers at ${relayUrl} (${why}). Start one with npm start, or set OPENTAB_RELAY.`,
    { unreachable: true },
  )
}

/** What a proxy says of a relay that is not there. */
const isGateway = (status: number): boolean => status >= 502 && status <= 504

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return { text }
  }
}

function refusedBy(
  { status }: Response,
  path: string,
  document: unknown,
  { token, isAdmin = false }: CallOptions,
): CommandError {
  const { error } = errorBody.safeParse(document).data ?? {}
  // Its own words speak of HTTP headers.
  if (error?.code === 'invalid_api_key' && !isAdmin) {
    const what =
      token === undefined
        ? 'This relay wants an API key: give it'
        : 'The relay does not take this API key, it is unknown or revoked: give another one'
    return new CommandError(
      `${what} with --api-key KEY. The relay's operator makes keys with opentab keys create.`,
      { document },
    )
  }
  return new CommandError(error?.message ?? `The relay answers ${status} to ${path}.`, {
    document,
    unreachable: error === undefined && isGateway(status),
  })
}

const errorBody = z.object({
  error: z.object({ message: z.string(), code: z.string().optional().catch(undefined) }),
})
