import { describe, expect, it } from 'vitest'
import { decodeResults, encodeResults } from '../frames.ts'
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

  it('[K11] has buffers whose names come out of a frame as they went in', () => {
    for (const name of ['', 'é', 'y\0', '\ud800', '\ufeffy', '1y', 'a'.repeat(101)])
      expect(() => readCustomTask([descriptionTensor(named(name))])).toThrow(/must be a name of 1 to 100/)
    for (const name of ['y', '_y.0-a', 'a'.repeat(100)]) {
      const [y] = decodeResults(
        encodeResults([
          {
            task: 1,
            generation: 1,
            computeMicros: 0,
            outputs: [{ name, datatype: 'INT8', shape: [0], bytes: new Uint8Array(0) }],
          },
        ]),
      )[0]!.outputs
      expect(y!.name).toBe(name)
      expect(readCustomTask([descriptionTensor(named(name))]).kernel.outputs).toEqual([name])
    }
  })

  it('reads back no buffer that it does not bind', () => {
    expect(() => readCustomTask([descriptionTensor({ ...kernel, outputs: ['z'] })])).toThrow('Output z')
  })
})
