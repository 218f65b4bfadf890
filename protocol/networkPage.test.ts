import { expect, it } from 'vitest'
import { type NetworkDocument, networkDocument } from './network.ts'
import { renderNetworkHtml } from './networkPage.ts'

const empty: NetworkDocument = {
  tabs: [],
  queue: { queued: 0, leased: 0 },
  totals: { tasks: 0, microCredits: '0' },
}

it('escapes everything that a tab said about itself', () => {
  const html = renderNetworkHtml({
    ...empty,
    tabs: [
      {
        id: '<script>',
        address: '"&\'',
        deviceClass: '</noscript>',
        backend: 'wasm',
        state: 'idle',
        models: ['a<b'],
        tasks: 1,
      },
    ],
  })
  expect(html).not.toContain('<script>')
  expect(html).not.toContain('</noscript>')
  expect(html).toContain('<td>&lt;script&gt;</td>')
  expect(html).toContain('<td>&quot;&amp;&#39;</td>')
})

it('says that no tab is connected', () => {
  expect(renderNetworkHtml(empty)).toContain('No tab is connected.')
})

it('writes micro-credits as credits, also below one and below zero', () => {
  const html = (microCredits: string) => renderNetworkHtml({ ...empty, totals: { tasks: 1, microCredits } })
  expect(html('2147484')).toContain('<td>2.147484</td>')
  expect(html('5')).toContain('<td>0.000005</td>')
  expect(html('-1500000')).toContain('<td>-1.500000</td>')
})

it('decodes the document with and without its optional parts', () => {
  expect(networkDocument.parse(empty)).toEqual(empty)
  const full = {
    ...empty,
    models: [{ id: 'm', bytes: 1, tabs: 0, ready: false }],
    verdicts: { freivalds: 2 },
    relay: { name: 'r', version: '0.1.0' },
  }
  expect(networkDocument.parse(full)).toEqual(full)
  expect(networkDocument.safeParse({ ...empty, tabs: [{}] }).success).toBe(false)
})
