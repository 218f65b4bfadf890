import { Agent, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import { describe, expect, it } from 'vitest'
import { leaveSignal } from './httpContext.ts'

describe('a requester who leaves', () => {
  it('is heard of once, and one who got the answer is not', async () => {
    const app = Fastify()
    const signals: AbortSignal[] = []
    let asked = (): void => {}
    const request = new Promise<void>((resolve) => {
      asked = resolve
    })
    app.get('/answered', async (_, reply) => {
      signals.push(leaveSignal(reply))
      return 'here'
    })
    app.get('/waiting', (_, reply) => {
      signals.push(leaveSignal(reply))
      asked()
    })
    await app.listen({ port: 0 })
    const { port } = app.server.address() as AddressInfo
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const warnings: Error[] = []
    const warn = (warning: Error): void => void warnings.push(warning)
    process.on('warning', warn)
    for (let i = 0; i < 20; i++) {
      await new Promise((resolve, reject) => {
        get({ port, agent, path: '/answered' }, (answer) => answer.resume().on('end', resolve)).on(
          'error',
          reject,
        )
      })
    }
    const waiting = get({ port, path: '/waiting' }).on('error', () => {})
    await request
    const left = new Promise((resolve) => signals.at(-1)!.addEventListener('abort', resolve))
    waiting.destroy()
    await left
    agent.destroy()
    await app.close()
    process.off('warning', warn)
    expect(signals.map(({ aborted }) => aborted)).toEqual([...Array(20).fill(false), true])
    expect(warnings).toEqual([])
  })
})
