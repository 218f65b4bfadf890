import { describe, expect, it } from 'vitest'
import { OpentabError } from '../../protocol/errors.ts'
import { pcg } from '../../protocol/seededInputs.ts'
import { buildModel, float32, int64, node, valueInfo } from './buildModel.ts'
import { graphSpecs } from './graphSpecs.ts'
import { readGraph } from './readGraph.ts'

const branch = (output: string) => ({
  graph: { node: [node('Identity', ['h'], [output])], output: [valueInfo(output, ['n', 5])] },
})
const good = buildModel({
  nodes: [
    node('MatMul', ['x', 'w'], ['h']),
    node('Shape', ['h'], ['shape']),
    node('Slice', ['shape', 'zero', 'one'], ['rows']),
    node('Concat', ['rows', 'five'], ['size'], { axis: 0 }),
    node('Expand', ['h', 'size'], ['wide']),
    node('If', ['condition'], ['chosen'], { then_branch: branch('a'), else_branch: branch('b') }),
    node('Add', ['wide', 'chosen'], ['y']),
  ],
  inputs: [valueInfo('x', ['n', 3]), valueInfo('condition', [], 'BOOL')],
  outputs: [valueInfo('y', ['n', 5])],
  initializers: [
    float32('w', new Array(15).fill(1), [3, 5]),
    int64('zero', [0]),
    int64('one', [1]),
    int64('five', [5]),
  ],
})

describe('a file with random bytes changed', () => {
  it('is read or refused, and never ends in another error', () => {
    expect(graphSpecs(readGraph(good)).outputs).toHaveLength(1)
    let refused = 0
    for (let seed = 0; seed < 3000; seed++) {
      const bytes = good.slice()
      for (let change = 0; change <= seed % 3; change++) {
        const random = pcg(seed * 4 + change)
        bytes[random % bytes.length] = random >>> 24
      }
      try {
        graphSpecs(readGraph(bytes))
      } catch (error) {
        if (!(error instanceof OpentabError) || error.code !== 'model_refused') {
          throw new Error(`seed ${seed} ended in ${error}`, { cause: error })
        }
        refused += 1
      }
    }
    expect(refused).toBeGreaterThan(1000)
  })
})
