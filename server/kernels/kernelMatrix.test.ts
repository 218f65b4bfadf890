import { describe, expect, it } from 'vitest'
import { elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import { fakeDevice } from '../placement/fakeTab.ts'
import { compareOutputs, type Tolerance } from './compareOutputs.ts'
import { findingsOf, type KernelFindings } from './kernelMatrix.ts'

type Run = [account: string, ...values: number[]]
const tensor = (...values: number[]): Tensor[] => [
  tensorOf('y', 'FP32', [values.length], Float32Array.from(values)),
]

interface Options {
  reference?: readonly Tensor[]
  tolerance?: Tolerance
  /** Accounts that have it. */
  standing?: readonly string[]
}

/** What comes of runs, each in a class of its own; how often outputs were compared. */
async function findSets(
  runs: readonly [account: string, outputs: Tensor[]][],
  { reference, tolerance = {}, standing = [] }: Options,
): Promise<KernelFindings & { comparisons: number }> {
  let comparisons = 0
  const findings = await findingsOf(
    runs.map(([address, outputs], i) => ({
      address,
      deviceClass: `class ${i}`,
      device: { ...fakeDevice, features: [] },
      outputs,
      failure: null,
    })),
    {
      reference: reference ?? null,
      comparerOf: (sets) => (i, j) => {
        comparisons++
        return compareOutputs(sets[i]!, sets[j]!, tolerance)
      },
      hasStanding: (address) => standing.includes(address),
    },
  )
  return { ...findings, comparisons }
}

/** The same for one output, with what it holds. */
async function find(runs: readonly Run[], options: Options = {}) {
  const findings = await findSets(
    runs.map(([address, ...values]) => [address, tensor(...values)]),
    options,
  )
  const [output] = findings.outputs ?? []
  const values = output ? [...(elementsOf(output) as Float32Array)] : null
  return { ...findings, values, verdicts: findings.matrix.map(({ verdict }) => verdict) }
}

describe('the votes of accounts', () => {
  it('are one each: three tabs of one account do not outvote two honest ones', async () => {
    const found = await find(
      [
        ['m', 9],
        ['m', 9],
        ['m', 9],
        ['a', 1],
        ['b', 1],
      ],
      { standing: ['a', 'm'] },
    )
    expect(found.values).toEqual([1])
    expect(found.verdicts).toEqual(['differs', 'differs', 'differs', 'agrees', 'agrees'])
    expect(found.confirmed).toEqual(['unverified', 'unverified', 'unverified', 'replica', 'replica'])
  })

  it('are none where there is but one account, however many tabs it has', async () => {
    const found = await find([
      ['a', 1],
      ['a', 1],
    ])
    expect(found.verdicts).toEqual(['unverified', 'unverified'])
    expect([found.values, found.confirmed]).toEqual([[1], ['unverified', 'unverified']])
  })

  it('name nothing right where as many say this as say that', async () => {
    const found = await find([
      ['a', 1],
      ['b', 2],
    ])
    expect([found.values, found.verdicts, found.confirmed]).toEqual([
      null,
      ['differs', 'differs'],
      ['unverified', 'unverified'],
    ])
    expect(found.matrix.map(({ mismatch }) => [mismatch?.value, mismatch?.reference])).toEqual([
      [1, 2],
      [2, 1],
    ])
  })

  it('do not grow by an account that says everything', async () => {
    const found = await find(
      [
        ['m', 1],
        ['m', 2],
        ['a', 2],
      ],
      { standing: ['a'] },
    )
    expect([found.values, found.confirmed]).toEqual([[2], ['unverified', 'replica', 'replica']])
  })
})

describe('accounts with standing', () => {
  const threeMadeUp: Run[] = [
    ['x', 0],
    ['y', 0],
    ['z', 0],
    ['a', 1],
    ['b', 1],
  ]

  it('are missing: three fresh accounts do not outvote two others, and nobody is paid', async () => {
    const found = await find(threeMadeUp)
    expect(found.values).toBe(null)
    expect(found.verdicts).toEqual(Array(5).fill('differs'))
    expect(found.confirmed).toEqual(Array(5).fill('unverified'))
    expect(found.matrix.map(({ mismatch }) => mismatch?.reference)).toEqual([1, 1, 1, 0, 0])
  })

  it('are heard before any number of others, and who agrees with them is paid', async () => {
    const found = await find(threeMadeUp, { standing: ['b'] })
    expect(found.values).toEqual([1])
    expect(found.verdicts).toEqual(['differs', 'differs', 'differs', 'agrees', 'agrees'])
    expect(found.confirmed).toEqual(['unverified', 'unverified', 'unverified', 'replica', 'replica'])
  })

  it('are not needed where nobody says anything else', async () => {
    const found = await find([
      ['a', 1],
      ['b', 1],
    ])
    expect([found.verdicts, found.confirmed]).toEqual([
      ['agrees', 'agrees'],
      ['replica', 'replica'],
    ])
  })

  it('that say different things leave it to the number of accounts', async () => {
    const found = await find(threeMadeUp, { standing: ['b', 'x'] })
    expect([found.values, found.verdicts[3]]).toEqual([[0], 'differs'])
  })
})

describe('a reference', () => {
  it('counts, not the two accounts that agree on something else', async () => {
    const reference = tensor(1)
    const found = await find(
      [
        ['m', 9],
        ['n', 9],
        ['a', 1],
      ],
      { reference },
    )
    expect([found.values, found.confirmed]).toEqual([[1], ['unverified', 'unverified', 'reference']])
    expect(found.verdicts).toEqual(['differs', 'differs', 'agrees'])
  })

  it('is named as what confirms a run where no other account found the same, however many tabs of the same one did', async () => {
    const found = await find(
      [
        ['a', 1],
        ['a', 1],
      ],
      { reference: tensor(1) },
    )
    expect(found.confirmed).toEqual(['reference', 'reference'])
  })

  it('is not named where another account found the same, to the bit or within the tolerance', async () => {
    const runs: Run[] = [
      ['a', 1],
      ['b', 1],
    ]
    expect((await find(runs, { reference: tensor(1) })).confirmed).toEqual(['replica', 'replica'])
    const near = await find(
      [
        ['a', 1],
        ['b', 1.001],
      ],
      { reference: tensor(1), tolerance: { absolute: 0.01 } },
    )
    expect(near.confirmed).toEqual(['replica', 'replica'])
  })

  it('confirms two accounts that each agree with it and not with each other by itself', async () => {
    const found = await find(
      [
        ['a', 0.995],
        ['b', 1.005],
      ],
      { reference: tensor(1), tolerance: { absolute: 0.007 } },
    )
    expect([found.verdicts, found.confirmed]).toEqual([
      ['agrees', 'agrees'],
      ['reference', 'reference'],
    ])
  })

  it('that a run agrees with only by a tolerance for everything confirms nothing', async () => {
    const found = await find([['a', 5]], { reference: tensor(1), tolerance: { absolute: 1e300 } })
    expect([found.verdicts, found.confirmed]).toEqual([['agrees'], ['unverified']])
  })

  it('that nobody found leaves no outputs', async () => {
    const found = await find([['a', 2]], { reference: tensor(1) })
    expect([found.values, found.verdicts, found.confirmed]).toEqual([null, ['differs'], ['unverified']])
  })

  it('that leaves an output out counts for the rest, where other accounts must agree', async () => {
    const two = (x: number, y: number): Tensor[] => [
      tensorOf('x', 'FP32', [1], Float32Array.of(x)),
      tensorOf('y', 'FP32', [1], Float32Array.of(y)),
    ]
    const reference = tensor(1)
    const found = await findSets(
      [
        ['m', two(9, 1)],
        ['a', two(5, 1)],
        ['b', two(5, 1)],
        ['n', two(9, 7)],
      ],
      { reference, standing: ['a'] },
    )
    expect(found.outputs).toEqual(two(5, 1))
    expect([found.notCompared, found.confirmed]).toEqual([
      ['x'],
      ['unverified', 'replica', 'replica', 'unverified'],
    ])
    expect(found.matrix.map(({ verdict }) => verdict)).toEqual([
      'unverified',
      'unverified',
      'unverified',
      'differs',
    ])
  })
})

it('credits nothing that agrees only within a tolerance for everything, and shows that verdict all the same', async () => {
  const found = await find(
    [
      ['a', 1],
      ['b', -7],
    ],
    { tolerance: { absolute: 1e300 } },
  )
  expect([found.verdicts, found.confirmed]).toEqual([
    ['agrees', 'agrees'],
    ['unverified', 'unverified'],
  ])
})

it('compares each pair of different outputs once', async () => {
  const runs: Run[] = [
    ['a', 1],
    ['b', 1],
    ['c', 2],
    ['d', 3],
    ['e', 3],
  ]
  expect((await find(runs)).comparisons).toBe(3)
})
