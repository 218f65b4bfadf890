import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FixtureRelay } from '../fixtureRelay.ts'
import { wantsPage } from './missingPage.ts'

/** What Chrome sends when an address is typed. */
const BROWSER =
  'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7'

describe('who asks for a path that is not there', () => {
  const wants = (url: string, accept?: string, method = 'GET') =>
    wantsPage({ method, url, headers: { accept } })

  it('is a person where HTML is wanted more than JSON', () => {
    for (const accept of [BROWSER, 'text/html', 'application/json;q=0.5, text/html'])
      expect(wants('/nothere', accept), accept).toBe(true)
    for (const accept of [
      undefined,
      '',
      '*/*',
      'application/json',
      'application/json, text/html',
      'text/html;q=0',
    ])
      expect(wants('/nothere', accept), accept).toBe(false)
  })

  it('is a program where it sends something, or calls what programs call', () => {
    expect(wants('/nothere', BROWSER, 'HEAD')).toBe(true)
    expect(wants('/nothere', BROWSER, 'POST')).toBe(false)
    for (const path of ['/v1', '/v1/nothing', '/v2?a', '/blobs/0', '/log/tile', '/admin/x', '/assets/old.js'])
      expect(wants(path, BROWSER), path).toBe(false)
    for (const path of ['/v1beta', '/logs', '/labs', '/account'])
      expect(wants(path, BROWSER), path).toBe(true)
  })
})

describe('a path that is not there', () => {
  let relay: FixtureRelay
  beforeAll(async () => {
    relay = await FixtureRelay.open()
  })
  afterAll(() => relay.close())

  it.each([
    ['/nothere', 404],
    ['/account', 404],
    ['/nothere/%m5', 400],
  ])('is a page of the house for a browser: %s', async (path, status) => {
    const answer = await relay.get(path, { accept: BROWSER })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(answer.headers.get('vary')).toBe('accept, accept-encoding')
    expect(answer.headers.get('x-request-id')).toMatch(/^req_/)
    expect(answer.text).toContain('<title>Opentab</title>')
  })

  it.each([
    ['/nothere', 'application/json', 404],
    ['/nothere', '*/*', 404],
    ['/v1/nothing', BROWSER, 404],
    ['/v1/jobs/%m5', BROWSER, 400],
  ])('is JSON for a program: %s with %s', async (path, accept, status) => {
    const answer = await relay.get(path, { accept })
    expect(answer.status).toBe(status)
    expect(answer.json).toMatchObject({ error: { type: 'invalid_request_error' } })
  })
})
