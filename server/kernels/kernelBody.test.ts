import { describe, expect, it } from 'vitest'
import { OpentabError } from '../../protocol/errors.ts'
import { checkKernel } from '../../protocol/kernel/checkKernel.ts'
import { doubling } from './fixtureKernel.ts'
import { parseCustomKernel } from './kernelBody.ts'
import { programKey } from './programKey.ts'

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

  it('has a tolerance of finite numbers only: a text like 1e999 is read as infinity', () => {
    for (const bound of ['ulp', 'absolute', 'relative']) {
      const tolerance = JSON.parse(`{"${bound}": 1e999}`)
      expect(refusal({ tolerance })).toMatchObject({
        code: 'invalid_value',
        param: expect.stringMatching(/^tolerance/),
      })
    }
  })

  it('is refused with line and rule where the gate refuses its program', () => {
    const error = refusal({ program: doubling.program.replace('id.x] = 2f', 'id.x] = = 2f') })
    expect(error).toMatchObject({ code: 'kernel_refused', param: 'program' })
    expect(error.message).toMatch(/^Line 5:\d+ \(syntax\): /)
    expect(error.fix).toBe('Change line 5. The program is WGSL.')
  })

  it('may have a program that begins with a byte order mark, and nowhere else has one', () => {
    const program = `\ufeff${doubling.program}`
    expect(parseCustomKernel({ ...doubling, program })).toMatchObject({ program })
    expect(programKey(program)).toBe(programKey(doubling.program))
    const checked = checkKernel(parseCustomKernel({ ...doubling, program }))
    expect(checked).toMatchObject({ program: expect.stringMatching(/^ @group/) })
    expect(refusal({ program: `\ufeff${program}` }).message).toContain('Line 1:2 (text): U+FEFF')
  })

  it('has 1 to 65,535 workgroups in each dimension', () => {
    for (const [i, [given, says]] of [
      [0, 'must be at least 1; 0 was given'],
      [65_536, 'must be at most 65535; 65536 was given'],
      [1e300, 'must be at most 65535; 1e+300 was given'],
      [-1e300, 'must be at least 1; -1e+300 was given'],
      [1.5, 'must be a whole number; 1.5 was given'],
    ].entries()) {
      const at = i % 3
      expect(refusal({ dispatch: [1, 1, 1].with(at, given as number) })).toMatchObject({
        param: 'dispatch',
        message: `\`dispatch[${at}]\`: ${says}.`,
      })
    }
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

  it('cannot give a buffer a name that no frame brings back as it is, or that a tab refuses', () => {
    for (const name of ['é'.repeat(200), 'a'.repeat(101), '\ud800', '\ufeffy', 'y\n', '7']) {
      const bindings = [doubling.bindings[0], { ...doubling.bindings[1], name }]
      expect(refusal({ bindings, outputs: [name] })).toMatchObject({
        code: 'invalid_value',
        param: 'bindings',
        message: expect.stringContaining('`bindings[1].name`: must be a name of 1 to 100 ASCII letters'),
      })
    }
    const name = 'a'.repeat(100)
    const bindings = [doubling.bindings[0], { ...doubling.bindings[1], name }]
    expect(parseCustomKernel({ ...doubling, bindings, outputs: [name] })).toMatchObject({ outputs: [name] })
  })

  it('has an entry point of any length that the program may name', () => {
    const entryPoint = 'm'.repeat(256)
    const program = doubling.program.replace('main', entryPoint)
    expect(parseCustomKernel({ ...doubling, program, entryPoint })).toMatchObject({ entryPoint })
  })

  it('names the forms that a spread has', () => {
    expect(refusal({ spread: 'all' }).message).toContain('must be "one" or {"perClass": n}')
  })

  it('has inputs that fit the buffers that they are for', () => {
    const x = { name: 'x', datatype: 'FP32', shape: [4], data: [1, 2, 3, 4] }
    const { data: _, ...nothing } = x
    for (const [wrong, inputs] of Object.entries({
      'Input q is no binding': [{ ...x, name: 'q' }],
      'Input x is given twice': [x, x],
      'Input x is FP32[3]': [{ ...x, shape: [3], data: [1, 2, 3] }],
      'Input x is INT32[4]': [{ ...x, datatype: 'INT32' }],
      'needs 4 elements and has 1': [{ ...x, data: [1] }],
      'has 0 of data, base64 and blob': [nothing],
      'has 2 of data, base64 and blob': [{ ...x, base64: '' }],
      'is not base64': [{ ...nothing, base64: '!!!' }],
      'needs 16 bytes and has 1': [{ ...nothing, base64: 'AA==' }],
      'Input x is FP32[5]': [{ ...nothing, shape: [5], blob: 'ab'.repeat(32) }],
    }))
      expect(refusal({ inputs })).toMatchObject({
        code: 'invalid_value',
        param: 'inputs',
        message: expect.stringContaining(wrong),
      })
    expect(parseCustomKernel({ ...doubling, inputs: [{ ...nothing, blob: 'ab'.repeat(32) }] })).toBeDefined()
  })

  it('has a reference of at least one of its outputs and of nothing else', () => {
    const y = { name: 'y', datatype: 'FP32', shape: [4], data: [2, 4, 6, 8] }
    for (const [wrong, reference] of Object.entries({
      'at least 1 entry': [],
      'Reference x is no output': [{ ...y, name: 'x' }],
      'Reference y is FP64[4]': [{ ...y, datatype: 'FP64' }],
      'not FP32': [{ ...y, data: [2, 4, 6, 'eight'] }],
    }))
      expect(refusal({ reference })).toMatchObject({
        code: 'invalid_value',
        param: 'reference',
        message: expect.stringContaining(wrong),
      })
    expect(parseCustomKernel({ ...doubling, reference: [y] })).toMatchObject({ reference: [y] })
  })
})
