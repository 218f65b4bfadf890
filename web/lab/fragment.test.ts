import { expect, it } from 'vitest'
import { firstKernel } from './firstKernel.ts'
import { fragmentOf, sessionOfFragment } from './fragment.ts'

it('carries the whole session through a link, letters of every alphabet and all bytes of a file too', async () => {
  const session = {
    ...firstKernel,
    name: 'größer 大きい',
    buffers: [
      {
        ...firstKernel.buffers[0]!,
        fill: { kind: 'file' as const, name: 'x.bin', base64: btoa(String.fromCharCode(0, 255, 62, 63)) },
      },
    ],
  }
  const fragment = await fragmentOf(session)
  expect(fragment).toMatch(/^#lab=[\w-]+$/)
  expect(await sessionOfFragment(fragment ?? '')).toEqual(session)
})

it('is smaller than the session', async () => {
  const fragment = await fragmentOf(firstKernel)
  expect(fragment?.length).toBeLessThan(JSON.stringify(firstKernel).length)
})

it.each(['', '#other', '#lab=', '#lab=%%%', '#lab=AAAA', `#lab=${btoa('not deflated')}`])(
  'reads nothing from %j',
  async (fragment) => {
    expect(await sessionOfFragment(fragment)).toBeNull()
  },
)

it('is not made of what could not be read again', async () => {
  const [pass] = firstKernel.passes
  const [x, ...others] = firstKernel.buffers
  expect(await fragmentOf({ ...firstKernel, passes: [{ ...pass!, program: 3 }] })).toBeNull()
  expect(await fragmentOf({ ...firstKernel, operations: '1 + '.repeat(600) })).toBeNull()
  const bytes = crypto.getRandomValues(new Uint8Array(60_000))
  const noise = btoa(String.fromCharCode(...bytes)).repeat(1)
  const parts = Array.from({ length: 40 }, (_, at) => ({
    ...x!,
    name: `x${at}`,
    fill: { kind: 'file' as const, name: 'x.bin', base64: noise.slice(at * 4) + noise.slice(0, at * 4) },
  }))
  const large = { ...firstKernel, buffers: [...parts, ...others] }
  expect(await fragmentOf(large)).toBeNull()
})

it('half a link holds nothing', async () => {
  const fragment = (await fragmentOf(firstKernel)) ?? ''
  expect(await sessionOfFragment(fragment.slice(0, fragment.length / 2))).toBeNull()
})
