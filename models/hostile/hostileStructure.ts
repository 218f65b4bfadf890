import { AttributeProto_AttributeType as Kind } from 'onnx-buf'
import { float32, type GraphInit, type NodeInit, node, valueInfo } from '../onnx/buildModel.ts'
import { branch, type HostileModel, model, operator, relu } from './hostileModel.ts'

const nested = (depth: number): GraphInit => ({
  name: `branch_${depth}`,
  node: [
    depth === 0
      ? node('Identity', ['x'], [`out_${depth}`])
      : node('If', ['condition'], [`out_${depth}`], {
          then_branch: { graph: nested(depth - 1) },
          else_branch: {
            graph: {
              node: [node('Identity', ['x'], [`other_${depth}`])],
              output: [valueInfo(`other_${depth}`)],
            },
          },
        }),
  ],
  output: [valueInfo(`out_${depth}`)],
})
/** An If on a Boolean input. */
const choice = (name: string, attributes: Parameters<typeof node>[3], reason: RegExp): HostileModel =>
  model(
    name,
    {
      nodes: [node('If', ['condition'], ['y'], attributes)],
      inputs: [valueInfo('x'), valueInfo('condition', [], 'BOOL')],
    },
    reason,
  )

/** Models whose nodes, names or subgraphs break a rule. */
export const hostileStructure: HostileModel[] = [
  model(
    'a cycle',
    { nodes: [node('Add', ['x', 'b'], ['a']), node('Relu', ['a'], ['b']), node('Relu', ['b'], ['y'])] },
    /a cycle/,
  ),
  model(
    'a node that feeds itself',
    { nodes: [node('Add', ['x', 'y'], ['y'])] },
    /Add "Add_y" needs.*its own output "y"/,
  ),
  model(
    'a tensor that nothing makes',
    { nodes: [node('Add', ['x', 'ghost'], ['y'])] },
    /"ghost" is used and nothing makes it/,
  ),
  model(
    'an output that nothing makes',
    { nodes: [relu], outputs: [valueInfo('ghost')] },
    /Output "ghost" is made by no node/,
  ),
  model(
    'two nodes that make one tensor',
    { nodes: [relu, node('Sigmoid', ['x'], ['y'])] },
    /Sigmoid "Sigmoid_y" makes "y", which is there already/,
  ),
  model(
    'a node that makes an input',
    { nodes: [node('Relu', ['x'], ['x'])], outputs: [valueInfo('x')] },
    /makes "x", which is there already/,
  ),
  model(
    'an output listed twice',
    { nodes: [relu], outputs: [valueInfo('y'), valueInfo('y')] },
    /Output "y" is listed twice/,
  ),
  model(
    'an input listed twice',
    { nodes: [relu], inputs: [valueInfo('x'), valueInfo('x')] },
    /makes "x", which is there already/,
  ),
  model(
    'two nodes of one name',
    {
      nodes: [
        { ...node('Relu', ['x'], ['a']), name: 'n' },
        { ...node('Relu', ['a'], ['y']), name: 'n' },
      ],
    },
    /Two nodes have the name "n"/,
  ),
  model(
    'an initializer listed twice',
    { nodes: [relu], initializers: [float32('w', [1]), float32('w', [2])] },
    /"w" is there twice/,
  ),
  model(
    'subgraphs nested without end',
    {
      nodes: (nested(12).node ?? []) as NodeInit[],
      inputs: [valueInfo('x'), valueInfo('condition', [], 'BOOL')],
      outputs: [valueInfo('out_12')],
    },
    /nested deeper than 8/,
  ),
  model(
    'protobuf messages nested 25 deep',
    {
      nodes: (nested(25).node ?? []) as NodeInit[],
      inputs: [valueInfo('x'), valueInfo('condition', [], 'BOOL')],
      outputs: [valueInfo('out_25')],
    },
    /nested deeper than 8/,
  ),
  choice(
    'an If without an else',
    { then_branch: { graph: branch('a') } },
    /If "If_y" is refused: it lacks one of its two branches/,
  ),
  choice(
    'an If whose branches give nothing',
    { then_branch: { graph: branch('a', { output: [] }) }, else_branch: { graph: branch('b') } },
    /another number of outputs/,
  ),
  choice(
    'a branch that shadows a tensor around it',
    { then_branch: { graph: branch('x') }, else_branch: { graph: branch('b') } },
    /makes "x", which is there already/,
  ),
  choice(
    'a branch with inputs',
    { then_branch: { graph: branch('a', { input: [valueInfo('z')] }) }, else_branch: { graph: branch('b') } },
    /has inputs of its own/,
  ),
  choice(
    'branches of different shapes',
    {
      then_branch: { graph: branch('a') },
      else_branch: { graph: branch('b', { node: [node('Concat', ['x', 'x'], ['b'], { axis: 0 })] }) },
    },
    /its branches give \[2, 3\] and \[4, 3\]/,
  ),
  operator(
    'a subgraph on another operator',
    node('Relu', ['x'], ['y'], { body: { graph: branch('a') } }),
    /Relu.*only If may have one/,
  ),
  operator(
    'an attribute twice',
    {
      ...node('Softmax', ['x'], ['y']),
      attribute: [
        { name: 'axis', type: Kind.INT, i: 0n },
        { name: 'axis', type: Kind.INT, i: 1n },
      ],
    },
    /"axis" twice/,
  ),
  operator(
    'an attribute from a function',
    { ...node('Softmax', ['x'], ['y']), attribute: [{ name: 'axis', refAttrName: 'outer' }] },
    /from a function/,
  ),
  operator('too few inputs', node('Add', ['x'], ['y']), /has 1 inputs and takes 2/),
  operator('too many outputs', node('Relu', ['x'], ['y', 'z']), /has 2 outputs and gives 1/),
  operator(
    'five thousand inputs of one node',
    node(
      'Concat',
      Array.from({ length: 5000 }, () => 'x'),
      ['y'],
      { axis: 0 },
    ),
    /more than 4096 inputs/,
  ),
]
