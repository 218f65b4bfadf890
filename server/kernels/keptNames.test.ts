import { expect, it } from 'vitest'
import { CUSTOM_KERNEL_JOB } from '../jobs/jobKinds.ts'
import { ALICE } from '../placement/fakeTab.ts'
import { openFleet, resultOf, willing } from './fixtureFleet.ts'
import { doubling } from './fixtureKernel.ts'

it('a job with a name that tabs refuse, which an older relay took and kept, ends before any tab gets it', async () => {
  const fixture = openFleet()
  const tab = willing(fixture, ALICE)
  const name = 'é'.repeat(200)
  const body = {
    ...doubling,
    bindings: [doubling.bindings[0], { ...doubling.bindings[1], name }],
    overrides: {},
    outputs: [name],
    spread: 'one',
    tolerance: {},
  }
  const job = await fixture.submit(body, { kind: CUSTOM_KERNEL_JOB, requester: 'local' })
  expect(await resultOf(fixture, job)).toMatchObject({
    state: 'failed',
    error: {
      code: 'invalid_value',
      message: expect.stringContaining('The name of binding 1 must be a name'),
    },
  })
  expect(tab.hand).toEqual([])
})
