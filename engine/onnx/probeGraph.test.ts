import { expect, it } from 'vitest'
import { probeModel, probeTask } from './probeGraph.ts'
import { onnxFile, type TestNode } from './testGraph.ts'
import { createWasmRunner } from './wasmRunner.ts'

/** Four layers as in a small transformer: two products, a softmax, a sum; the weights are constants made in the graph. */
function probeGraph() {
  const nodes: TestNode[] = [
    {
      op: 'ConstantOfShape',
      inputs: ['weightShape'],
      outputs: ['weight'],
      attributes: { value: { float: 0.01 } },
    },
  ]
  let hidden = 'x'
  for (let layer = 0; layer < 4; layer++) {
    const name = (part: string) => `${part}${layer}`
    nodes.push(
      { op: 'MatMul', inputs: [hidden, 'weight'], outputs: [name('a')] },
      { op: 'Softmax', inputs: [name('a')], outputs: [name('b')] },
      { op: 'MatMul', inputs: [name('b'), 'weight'], outputs: [name('c')] },
      { op: 'Add', inputs: [hidden, name('c')], outputs: [name('d')] },
    )
    hidden = name('d')
  }
  nodes.push({ op: 'Identity', inputs: [hidden], outputs: ['y'] })
  return onnxFile({
    inputs: [{ name: 'x', datatype: 'FP32', shape: ['tokens', 384] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: ['tokens', 384] }],
    nodes,
    integers: { weightShape: [384, 384] },
  })
}

it('holds exactly the bytes that its description gives', async () => {
  const { readShard } = probeModel()
  const bytes = await readShard()
  expect(Buffer.from(bytes).toString('base64')).toBe(Buffer.from(probeGraph()).toString('base64'))
})

it('computes on WASM what its formula says', async () => {
  const runner = await createWasmRunner({ threads: 1 })
  const { model, readShard } = probeModel()
  await runner.load(model, readShard)
  for (const tokens of [1, 64]) {
    const [y] = await runner.run(probeTask(tokens))
    expect(y?.shape).toEqual([tokens, 384])
    const values = new Float32Array(y!.bytes.buffer, y!.bytes.byteOffset, tokens * 384)
    // Each row of the softmax sums to 1, so that each layer adds 1 x 0.01 to every element.
    for (const value of [values[0], values.at(-1)]) expect(value).toBeCloseTo(0.5 + 4 * 0.01, 5)
  }
  await runner.dispose()
})
