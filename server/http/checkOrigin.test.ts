import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../config.ts'
import { checkOrigin, hostAllowed, originAllowed } from './checkOrigin.ts'

const request = (method: string, headers: Record<string, string>): IncomingMessage =>
  ({ method, headers }) as unknown as IncomingMessage
const local = readConfig({})
const open = readConfig({ OPENTAB_HOST: '0.0.0.0' })
const behindProxy = readConfig({ OPENTAB_PUBLIC_URL: 'https://relay.example' })

describe('who may use a relay from a page', () => {
  it.each(['127.0.0.1:8787', 'localhost:8787', '[::1]:8787', '127.0.0.1'])(
    'a relay for this machine alone answers as %s',
    (host) => {
      expect(hostAllowed(request('GET', { host }), local)).toBe(true)
    },
  )

  it.each(['evil.example', 'evil.example:8787', '192.0.2.1:8787', 'localhost.evil.example', 'a b'])(
    'and not as %s',
    (host) => {
      expect(hostAllowed(request('GET', { host }), local)).toBe(false)
      expect(() => checkOrigin(request('GET', { host }), { config: local })).toThrow(/this machine alone/)
    },
  )

  it('a relay that others are meant to reach answers under any name', () => {
    expect(hostAllowed(request('GET', { host: 'evil.example' }), open)).toBe(true)
    expect(hostAllowed(request('GET', { host: 'relay.example' }), behindProxy)).toBe(true)
  })

  it('a page of another site may read what is public, and change nothing', () => {
    const foreign = { host: '127.0.0.1:8787', origin: 'https://evil.example' }
    expect(() => checkOrigin(request('GET', foreign), { config: local })).not.toThrow()
    for (const method of ['POST', 'DELETE', 'PUT']) {
      expect(() => checkOrigin(request(method, foreign), { config: local })).toThrow(/may not send requests/)
    }
    const own = { host: '127.0.0.1:8787', origin: 'http://127.0.0.1:8787' }
    expect(() => checkOrigin(request('POST', own), { config: local })).not.toThrow()
    expect(() => checkOrigin(request('POST', { host: own.host }), { config: local })).not.toThrow()
  })

  it('the public URL is an origin of our own, an opaque origin is not', () => {
    const host = '127.0.0.1:8787'
    expect(
      originAllowed(request('POST', { host, origin: 'https://relay.example' }), 'https://relay.example'),
    ).toBe(true)
    expect(originAllowed(request('POST', { host, origin: 'null' }), 'https://relay.example')).toBe(false)
  })
})
