import { type LabSession, readSession } from './session.ts'

/** Before the session in a URL's fragment. */
const PREFIX = '#lab='
/** Largest session that a link may unfold to, bytes. */
const MOST_BYTES = 64 * 1024 * 1024

/** Longest fragment that browsers take in an address, characters: Chromium's addresses end at 2 MiB. */
const MOST_CHARACTERS = 1_900_000

/** The session as a URL's fragment: JSON, deflated, base64url. Null where no link can hold it. */
export async function fragmentOf(session: LabSession): Promise<string | null> {
  if (!readSession(session)) return null
  const packed = await through(
    new TextEncoder().encode(JSON.stringify(session)),
    new CompressionStream('deflate-raw'),
  )
  let binary = ''
  for (const byte of packed) binary += String.fromCharCode(byte)
  const packed64 = btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
  return packed64.length > MOST_CHARACTERS ? null : PREFIX + packed64
}

/** The session of a URL's fragment; null where there is none, or it cannot be read. */
export async function sessionOfFragment(fragment: string): Promise<LabSession | null> {
  if (!fragment.startsWith(PREFIX)) return null
  try {
    const binary = atob(fragment.slice(PREFIX.length).replaceAll('-', '+').replaceAll('_', '/'))
    const packed = Uint8Array.from(binary, (character) => character.charCodeAt(0))
    const bytes = await through(packed, new DecompressionStream('deflate-raw'))
    return readSession(JSON.parse(new TextDecoder().decode(bytes)))
  } catch {
    return null
  }
}

/** @throws Error when more comes out than a session may be */
async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: GenericTransformStream,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader: ReadableStreamDefaultReader<Uint8Array> = new Blob([bytes])
    .stream()
    .pipeThrough(stream)
    .getReader()
  const parts: Uint8Array[] = []
  let total = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    total += value.byteLength
    if (total > MOST_BYTES) {
      await reader.cancel()
      throw new Error('too large')
    }
    parts.push(value)
  }
  const whole = new Uint8Array(total)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.byteLength
  }
  return whole
}
