import { describe, expect, it } from 'vitest'
import { type CustomKernel, descriptionTensor, readCustomTask } from './customTask.ts'

const kernel: CustomKernel = {
  program: '',
  entryPoint: 'main',
  bindings: [{ name: 'y', binding: 0, type: 'storage', datatype: 'FP32', shape: [4] }],
  overrides: {},
  dispatch: [1, 1, 1],
  outputs: ['y'],
  repeat: 0,
}
const named = (name: string): CustomKernel => ({
  ...kernel,
  bindings: [{ ...kernel.bindings[0]!, name }],
  outputs: [name],
})

describe('a custom task', () => {
  it('[K11] gives no buffer a name that the tab uses itself', () => {
    for (const name of ['opentab.times', 'opentab.clock', 'opentab.mark'])
      expect(() => readCustomTask([descriptionTensor(named(name))])).toThrow(name)
    expect(readCustomTask([descriptionTensor(kernel)]).kernel).toEqual(kernel)
  })

  it('reads back no buffer that it does not bind', () => {
    expect(() => readCustomTask([descriptionTensor({ ...kernel, outputs: ['z'] })])).toThrow('Output z')
  })
})
