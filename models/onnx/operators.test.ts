import { TensorProto_DataType as Code } from 'onnx-buf'
import { Tensor } from 'onnxruntime-web/wasm'
import { describe, expect, it } from 'vitest'
import { buildModel, node, type TensorInit, valueInfo } from './buildModel.ts'
import { datatypeOf } from './elementType.ts'
import { inferShapes } from './inferShapes.ts'
import { type OperatorCase, type OperatorInput, operatorCases } from './operatorCases.ts'
import { operators } from './operators.ts'
import { readGraph } from './readGraph.ts'
import { runEveryTensor } from './runEveryTensor.ts'

const isConstant = (input: OperatorInput): input is TensorInit => input !== null && 'dataType' in input
const arrays = {
  int64: BigInt64Array,
  bool: Uint8Array,
  uint8: Uint8Array,
  int8: Int8Array,
  int32: Int32Array,
}
const elementTypes = { int64: 'INT64', bool: 'BOOL', uint8: 'UINT8', int8: 'INT8', int32: 'INT32' } as const
const shapeOf = (input: Exclude<OperatorInput, TensorInit | null>): readonly number[] =>
  'shape' in input ? input.shape : input
const nameOf = (type: string) => ({ float32: 'FLOAT', float64: 'DOUBLE' })[type] ?? type.toUpperCase()

/** A one-node model around the case, its feeds, and an `Identity` of a real input so that every model has one. */
function modelOf({ op, inputs, attributes, outputs, opset }: OperatorCase) {
  const names = inputs.map((input, index) => (input === null ? '' : `in${index}`))
  const made = Array.from({ length: outputs }, (_, index) => `out${index}`)
  const fed = inputs.flatMap((input, index) =>
    input === null || isConstant(input) ? [] : [{ name: `in${index}`, input }],
  )
  const bytes = buildModel({
    opset,
    irVersion: 10,
    nodes: [node(op, names, made, attributes), node('Identity', ['extra'], ['same'])],
    inputs: [
      valueInfo('extra', [1]),
      ...fed.map(({ name, input }) =>
        valueInfo(name, shapeOf(input), 'type' in input ? elementTypes[input.type] : 'FLOAT'),
      ),
    ],
    outputs: [valueInfo('same', [1])],
    initializers: inputs.flatMap((input, index) =>
      isConstant(input) ? [{ ...input, name: `in${index}` }] : [],
    ),
  })
  const feeds: Record<string, Tensor> = { extra: new Tensor('float32', [0], [1]) }
  for (const { name, input } of fed) {
    const shape = shapeOf(input)
    const count = shape.reduce((product, size) => product * size, 1)
    feeds[name] =
      'type' in input
        ? new Tensor(input.type, new arrays[input.type](count), shape)
        : new Tensor('float32', new Float32Array(count).fill(0.5), shape)
  }
  return {
    bytes,
    feeds,
    shapes: new Map([['extra', [1]], ...fed.map(({ name, input }) => [name, shapeOf(input)] as const)]),
  }
}

describe('an operator gives the shape, type and known values that ONNX Runtime gives', () => {
  it.for(operatorCases.map((one, index) => ({ ...one, title: `${one.op} #${index}` })))(
    '$title',
    async (one) => {
      const { bytes, feeds, shapes } = modelOf(one)
      const { facts } = inferShapes(readGraph(bytes), shapes)
      const [real] = await runEveryTensor(bytes, [feeds])
      for (let index = 0; index < one.outputs; index++) {
        const fact = facts.get(`out${index}`)
        const tensor = real?.get(`out${index}`)
        expect(tensor).toBeDefined()
        expect([fact?.type, fact?.shape]).toEqual([
          datatypeOf(Code[nameOf(tensor?.type ?? '') as keyof typeof Code]),
          tensor?.shape,
        ])
        if (fact?.values) expect(fact.values).toEqual(tensor?.values)
      }
    },
  )

  it('is tried for every operator of the allow-list', () => {
    const tried = new Set(operatorCases.map(({ op }) => op))
    // An If has no shape rule of its own: see inferShapes.test.ts.
    expect([...operators.keys()].filter((op) => !tried.has(op))).toEqual(['If'])
  })
})
