import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { AttributeProtoSchema, AttributeProto_AttributeType as Kind, ModelProtoSchema } from 'onnx-buf'

/** Attributes of the published graphs' nodes, in the order in which they stand there. */
const orderOf: Readonly<Record<string, readonly string[]>> = {
  Clip: ['max', 'min'],
  Slice: ['axes', 'starts', 'ends'],
  TopK: ['axis', 'k'],
}

/** For tests: undoes raiseOpset, to the byte for the published graphs, so that it is seen what it changed. */
export function lowerOpset(raised: Uint8Array): Uint8Array<ArrayBuffer> {
  const model = fromBinary(ModelProtoSchema, raised)
  const graph = model.graph!
  for (const { opType, input, attribute, output } of graph.node) {
    const prefix = `opentab.${output[0]}.`
    for (const name of input.splice(input.findIndex((each) => each.startsWith(prefix)) >>> 0)) {
      const [constant] = graph.initializer.splice(
        graph.initializer.findIndex((each) => each.name === name),
        1,
      )
      const { floatData, int64Data, dims } = constant!
      const value =
        floatData.length > 0
          ? { type: Kind.FLOAT, f: floatData[0]! }
          : opType === 'TopK' && dims.length === 1
            ? { type: Kind.INT, i: int64Data[0]! }
            : { type: Kind.INTS, ints: int64Data }
      attribute.push(create(AttributeProtoSchema, { name: name.slice(prefix.length), ...value }))
    }
    const order = orderOf[opType]
    if (order) attribute.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
  }
  model.opsetImport.find(({ domain }) => domain === '')!.version = 9n
  return toBinary(ModelProtoSchema, model)
}
