import { createHash } from 'node:crypto'
import { InferenceSession, Tensor } from 'onnxruntime-web/wasm'
import { describe, expect, it } from 'vitest'
import { catalogueEntry } from '../catalogue.ts'
import { buildModel, type ModelParts, type NodeInit, node, valueInfo } from '../onnx/buildModel.ts'
import { inferShapes } from '../onnx/inferShapes.ts'
import { readGraph } from '../onnx/readGraph.ts'
import { requireModelFile } from '../requireModelFile.ts'
import { lowerOpset } from './lowerOpset.ts'
import { raiseOpset } from './raiseOpset.ts'

const source = (nodes: readonly NodeInit[], parts: Partial<ModelParts> = {}) =>
  buildModel({ nodes, outputs: [valueInfo('y', null)], opset: 9, ...parts })

/** Values of `y` for x = [[-2, -1, 0], [1, 2, 3]]. */
async function run(file: Uint8Array): Promise<number[]> {
  const session = await InferenceSession.create(file, { executionProviders: ['wasm'] })
  const { y } = await session.run({ x: new Tensor('float32', [-2, -1, 0, 1, 2, 3], [2, 3]) })
  return Array.from(y?.data as Float32Array, Number)
}

describe('a graph in a newer operator set', () => {
  it.for<[string, NodeInit, number[]]>([
    ['Clip', node('Clip', ['x'], ['y'], { min: { float: 0 }, max: { float: 1.5 } }), [0, 0, 0, 1, 1.5, 1.5]],
    ['Clip without a maximum', node('Clip', ['x'], ['y'], { min: { float: -1 } }), [-1, -1, 0, 1, 2, 3]],
    ['Clip without a minimum', node('Clip', ['x'], ['y'], { max: { float: 0 } }), [-2, -1, 0, 0, 0, 0]],
    ['Clip without bounds', node('Clip', ['x'], ['y']), [-2, -1, 0, 1, 2, 3]],
    ['Slice', node('Slice', ['x'], ['y'], { starts: [1], ends: [2], axes: [1] }), [-1, 2]],
    ['Slice of all axes', node('Slice', ['x'], ['y'], { starts: [1, 0], ends: [2, -1] }), [1, 2]],
    ['TopK', node('TopK', ['x'], ['y', 'which'], { k: 2, axis: 1 }), [0, -1, 3, 2]],
  ])('computes %s as before', async ([, operator, expected]) => {
    const before = source([operator])
    expect(await run(before)).toEqual(expected)
    const after = raiseOpset(before)
    expect(await run(after)).toEqual(expected)
    expect(readGraph(after).opset).toBe(11)
  })

  it('gives each node constants of its own', async () => {
    const twice = source([
      node('Clip', ['x'], ['h'], { min: { float: -1 } }),
      node('Clip', ['h'], ['y'], { max: { float: 2 } }),
    ])
    expect(await run(raiseOpset(twice))).toEqual([-1, -1, 0, 1, 2, 2])
  })

  it('costs as many operations as before', () => {
    const before = source([node('Clip', ['x'], ['y'], { min: { float: 0 } })])
    const operations = (file: Uint8Array) => inferShapes(readGraph(file), new Map([['x', [2, 3]]])).operations
    expect(operations(raiseOpset(before))).toBe(operations(before))
  })
})

describe('a source is refused', () => {
  it('of another operator set', () => {
    const newer = source([node('Relu', ['x'], ['y'])], { opset: 10 })
    expect(() => raiseOpset(newer)).toThrow('The graph has operator set 10; only 9 is raised to 11.')
  })

  it('with an operator whose meaning may have changed', () => {
    expect(() => raiseOpset(source([node('Resize', ['x'], ['y'])]))).toThrow(
      'It is not known whether Resize means the same in operator sets 9 and 11.',
    )
  })
})

it('changes nothing else in the orientation graph of pp-ocrv4', async () => {
  const { file, derived } = catalogueEntry('pp-ocrv4')!.graphs.find(({ name }) => name === 'orient')!
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
  const published = lowerOpset(await requireModelFile('pp-ocrv4', 'orient'))
  expect(sha256(published)).toBe(file.sha256)
  expect(sha256(raiseOpset(published))).toBe(derived?.sha256)
})
