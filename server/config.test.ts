import { describe, expect, it } from 'vitest'
import { OpentabError } from '../protocol/errors.ts'
import { keyRequired, readConfig, settings } from './config.ts'

/** Message and fix of what is refused. */
function refusal(env: Record<string, string>, argv: string[] = []): string {
  try {
    readConfig(env, argv)
  } catch (error) {
    if (error instanceof OpentabError) return `${error.code} ${error.param}: ${error.message} ${error.fix}`
    throw error
  }
  return 'nothing was refused'
}

describe('the configuration', () => {
  it('needs nothing', () => {
    expect(readConfig({})).toEqual({
      HOST: '127.0.0.1',
      PORT: 8787,
      DATA: './data',
      PUBLIC_URL: null,
      ADMIN_TOKEN: null,
      REQUIRE_KEY: 'auto',
      QUEUE_WAIT_MS: 30_000,
      MAX_BODY_BYTES: 67_108_864,
      RETENTION_DAYS: 7,
      TRUST_PROXY: false,
      RPC_URL: null,
      CHROMIUM: null,
      RELAY: 'http://127.0.0.1:8787',
      TEST: false,
      TEST_HOP_MS: 0,
    })
  })

  it('names the nearest setting for an unknown one', () => {
    expect(refusal({ OPENTAB_PROT: '1' })).toMatch(
      /^bad_configuration OPENTAB_PROT: There is no setting OPENTAB_PROT\. Did you mean OPENTAB_PORT\?/,
    )
    expect(refusal({ OPENTAB_QUEUE_WAIT: '1' })).toContain('Did you mean OPENTAB_QUEUE_WAIT_MS?')
    expect(refusal({}, ['--retention-day', '3'])).toContain('Did you mean --retention-days?')
    expect(refusal({ OPENTAB_: '1' })).toContain('Did you mean')
  })

  it('names a value that cannot be used, with what it is for', () => {
    for (const [name, value, why] of [
      ['PORT', '65536', 'integer from 0 to 65535'],
      ['PORT', '1e3', 'integer'],
      ['PORT', '', 'integer'],
      ['QUEUE_WAIT_MS', '-1', 'integer'],
      ['MAX_BODY_BYTES', '1023', 'integer from 1024'],
      ['RETENTION_DAYS', '1.5', 'integer'],
      ['PUBLIC_URL', 'opentab.example', 'Invalid URL'],
      ['PUBLIC_URL', 'ftp://opentab.example', 'http or https'],
      ['TRUST_PROXY', 'maybe', '1 or 0'],
      ['REQUIRE_KEY', 'sometimes', '1 or 0'],
    ] as const) {
      const refused = refusal({ [`OPENTAB_${name}`]: value })
      expect(refused).toContain(
        `bad_configuration OPENTAB_${name}: OPENTAB_${name} is ${JSON.stringify(value)}`,
      )
      expect(refused).toContain(settings[name].meaning)
      expect(refused).toContain(why)
    }
  })

  it.each([
    [{ OPENTAB_PORT: '9000' }, 'http://127.0.0.1:9000'],
    [{ OPENTAB_PORT: '9000', OPENTAB_RELAY: 'https://relay.example/' }, 'https://relay.example'],
    [{ OPENTAB_PORT: '9000', OPENTAB_RELAY: '' }, 'http://127.0.0.1:9000'],
    [{ OPENTAB_PORT: '9000', OPENTAB_HOST: '0.0.0.0' }, 'http://127.0.0.1:9000'],
    [{ OPENTAB_PORT: '9000', OPENTAB_HOST: '::' }, 'http://[::1]:9000'],
    [{ OPENTAB_HOST: 'fe80::1' }, 'http://[fe80::1]:8787'],
    [{ OPENTAB_HOST: 'gpu.lan' }, 'http://gpu.lan:8787'],
    [{ OPENTAB_PORT: '0' }, 'http://127.0.0.1:8787'],
  ])('with %j the command line talks to %s', (env, relay) => {
    expect(readConfig(env).RELAY).toBe(relay)
  })

  it('takes flags in both forms, which win over the environment', () => {
    const config = readConfig({ OPENTAB_PORT: '1', OPENTAB_HOST: '::1', PORT: '3' }, [
      '--port',
      '2',
      '--queue-wait-ms=5',
      '--trust-proxy=yes',
    ])
    expect(config).toMatchObject({ PORT: 2, HOST: '::1', QUEUE_WAIT_MS: 5, TRUST_PROXY: true })
    expect(refusal({}, ['--port'])).toContain('--port has no value')
    expect(refusal({}, ['port'])).toContain('port is not a setting')
    expect(readConfig({ OPENTAB_PUBLIC_URL: 'https://opentab.example//' }).PUBLIC_URL).toBe(
      'https://opentab.example',
    )
  })

  it('asks for keys as soon as the relay can be reached from elsewhere', () => {
    const required = (env: Record<string, string>) => keyRequired(readConfig(env))
    expect(required({})).toBe(false)
    for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '::1'])
      expect(required({ OPENTAB_HOST: host })).toBe(false)
    for (const host of ['0.0.0.0', '::', '192.168.0.2', 'opentab.example', '127.0.0.1.example'])
      expect(required({ OPENTAB_HOST: host })).toBe(true)
    expect(required({ OPENTAB_PUBLIC_URL: 'https://opentab.example' })).toBe(true)
    expect(required({ OPENTAB_PUBLIC_URL: 'http://localhost:8787' })).toBe(false)
    expect(required({ OPENTAB_HOST: '0.0.0.0', OPENTAB_REQUIRE_KEY: '0' })).toBe(false)
    expect(required({ OPENTAB_REQUIRE_KEY: '1' })).toBe(true)
  })
})
