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

  it('cannot ask for more outputs than a tab can send', () => {
    const bindings = [
      doubling.bindings[0],
      ...['y', 'z'].map((name, i) => ({
        ...doubling.bindings[1],
        name,
        binding: 1 + i,
        shape: [10 * 2 ** 20],
      })),
    ]
    const program = doubling.program
      .replace('@compute', '@group(0) @binding(2) var<storage, read_write> z: array<f32>;\n@compute')
      .replace('y[id.x] =', 'z[id.x] = 1f; y[id.x] =')
    expect(parseCustomKernel({ ...doubling, program, bindings })).toMatchObject({ outputs: ['y'] })
    expect(refusal({ program, bindings, outputs: ['y', 'z'] })).toMatchObject({
      code: 'invalid_value',
      param: 'outputs',
    })
  })

  it('cannot give a buffer a name that the relay or the tab uses itself', () => {
    const bindings = [doubling.bindings[0], { ...doubling.bindings[1], name: 'opentab.times' }]
    expect(refusal({ bindings, outputs: ['opentab.times'] })).toMatchObject({
      code: 'invalid_value',
      param: expect.stringMatching(/^bindings/),
    })
  })
})
