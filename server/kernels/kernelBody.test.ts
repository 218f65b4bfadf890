import { describe, expect, it } from 'vitest'
import { OpentabError } from '../../protocol/errors.ts'
import { doubling } from './fixtureKernel.ts'
import { parseCustomKernel } from './kernelBody.ts'

function refusal(fields: object): OpentabError {
  try {
    parseCustomKernel({ ...doubling, ...fields })
  } catch (error) {
    if (error instanceof OpentabError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('the body of a custom kernel', () => {
  it('gets what it leaves out', () => {
    const { repeat: _, operations: __, ...least } = doubling
    expect(parseCustomKernel(least)).toMatchObject({
      repeat: 0,
      spread: 'one',
      operations: 0,
      tolerance: {},
      overrides: {},
    })
  })

  it('is refused by the name of the field that is wrong', () => {
    for (const [field, value] of Object.entries({
      program: '',
      entryPoint: 7,
      dispatch: [1, 1],
      outputs: [],
      repeat: 101,
      spread: { perClass: 9 },
      tolerance: { ulps: 1 },
      more: 1,
    })) {
      expect(refusal({ [field]: value }).param).toMatch(new RegExp(`^${field}`))
    }
  })

  it('is refused with line and rule where the gate refuses its program', () => {
    const error = refusal({ program: doubling.program.replace('id.x] = 2f', 'id.x] = = 2f') })
    expect(error).toMatchObject({ code: 'kernel_refused', param: 'program' })
    expect(error.message).toMatch(/^Line 5:\d+ \(syntax\): /)
    expect(error.fix).toBe('Change line 5. The program is WGSL.')
  })

  it('cannot state more operations than the program can do', () => {
    expect(refusal({ operations: 1e12 })).toMatchObject({ code: 'invalid_value', param: 'operations' })
  })
})
