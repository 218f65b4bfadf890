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
  expect(await sessionOfFragment(fragment)).toEqual(session)
})

it('is smaller than the session', async () => {
  expect((await fragmentOf(firstKernel)).length).toBeLessThan(JSON.stringify(firstKernel).length)
})

it.each(['', '#other', '#lab=', '#lab=%%%', '#lab=AAAA', `#lab=${btoa('not deflated')}`])(
  'reads nothing from %j',
  async (fragment) => {
    expect(await sessionOfFragment(fragment)).toBeNull()
  },
)

it('refuses a session whose pass names a program that is not there', async () => {
  const passes = [{ ...firstKernel.passes[0]!, program: 3 }]
  expect(await sessionOfFragment(await fragmentOf({ ...firstKernel, passes }))).toBeNull()
})
