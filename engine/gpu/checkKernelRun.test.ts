import { expect, it } from 'vitest'
import { tensorOf } from '../../protocol/tensor.ts'
import { attentionExact } from '../../shaders/attention-exact/kernel.ts'
import { mulshift } from '../../shaders/mulshift/kernel.ts'
import { transpose } from '../../shaders/transpose/kernel.ts'
import { checkKernelRun } from './checkKernelRun.ts'

const run = { seed: null, inputs: [] }

it('refuses an argument that is missing, outside its range or no multiple, with what it must be', () => {
  const attention = { rows: 1, before: 0, kvHeads: 1, group: 1, width: 64 }
  const refused = (shape: Record<string, number>) => () =>
    checkKernelRun({ ...run, kernel: attentionExact, shape: { ...attention, ...shape } })
  expect(refused({ width: 6 })).toThrow(
    expect.objectContaining({ param: 'width', fix: 'width is a multiple of 4 from 4 to 64.' }),
  )
  expect(refused({ width: 68 })).toThrow('attention-exact cannot run with width = 68.')
  expect(refused({ before: -1 })).toThrow('attention-exact cannot run with before = -1.')
  expect(refused({ rows: 1.5 })).toThrow(
    expect.objectContaining({ fix: 'rows is an integer from 0 to 4096.' }),
  )
  expect(() => checkKernelRun({ ...run, kernel: transpose, shape: { rows: 1 } })).toThrow(
    'transpose cannot run with columns = undefined.',
  )
})

it('takes negative and empty arguments where the kernel does', () => {
  const empty = (name: string, datatype: 'INT32' | 'UINT32', shape: number[]) =>
    tensorOf(name, datatype, shape, new Int32Array(0))
  const inputs = [
    empty('accumulators', 'INT32', [0, 0]),
    empty('rowScales', 'UINT32', [0]),
    empty('rowExponents', 'INT32', [0]),
    empty('columnScales', 'UINT32', [0]),
    empty('columnExponents', 'INT32', [0]),
    empty('residual', 'INT32', [0, 0]),
  ]
  const shape = { rows: 0, n: 0, residual: 0, fraction: -3 }
  expect(() => checkKernelRun({ seed: null, inputs, kernel: mulshift, shape })).not.toThrow()
  const swapped = [inputs[1]!, inputs[0]!, ...inputs.slice(2)]
  expect(() => checkKernelRun({ seed: null, inputs: swapped, kernel: mulshift, shape })).toThrow(
    expect.objectContaining({ fix: 'Make the inputs agree with rows, n, residual, fraction.' }),
  )
})
