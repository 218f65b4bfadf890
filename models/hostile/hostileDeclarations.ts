import { valueInfo } from '../onnx/buildModel.ts'
import { type HostileModel, model, relu } from './hostileModel.ts'

/** Models whose header, inputs or outputs break a rule. */
export const hostileDeclarations: HostileModel[] = [
  model('an IR version from before 2017', { nodes: [relu], irVersion: 2 }, /IR version 2/),
  model('an IR version from the future', { nodes: [relu], irVersion: 99 }, /IR version 99/),
  model('an operator set that is too old', { nodes: [relu], opset: 6 }, /operator set 6/),
  model('an operator set from the future', { nodes: [relu], opset: 999 }, /operator set 999/),
  model('no operator set', { nodes: [relu], model: { opsetImport: [] } }, /names no operator set/),
  model(
    'two operator sets',
    { nodes: [relu], model: { opsetImport: [{ version: 12n }, { domain: 'ai.onnx', version: 17n }] } },
    /two operator sets/,
  ),
  model(
    'a foreign operator domain',
    { nodes: [relu], model: { opsetImport: [{ version: 17n }, { domain: 'com.evil', version: 1n }] } },
    /domain "com\.evil"/,
  ),
  model(
    'functions of its own',
    { nodes: [relu], model: { functions: [{ name: 'mine' }] } },
    /function "mine"/,
  ),
  model('training information', { nodes: [relu], model: { trainingInfo: [{}] } }, /training information/),
  model('no inputs', { nodes: [relu], inputs: [] }, /no inputs/),
  model('no outputs', { nodes: [relu], outputs: [] }, /no outputs/),
  model(
    '65 inputs',
    { nodes: [relu], inputs: Array.from({ length: 65 }, (_, i) => valueInfo(`x${i}`)) },
    /65 inputs/,
  ),
  model('sparse initializers', { nodes: [relu], graph: { sparseInitializer: [{}] } }, /sparse initializers/),
  model(
    'a sequence as input',
    { nodes: [relu], inputs: [{ name: 'x', type: { value: { case: 'sequenceType', value: {} } } }] },
    /Input "x" is a sequence/,
  ),
  model(
    'a map as input',
    { nodes: [relu], inputs: [{ name: 'x', type: { value: { case: 'mapType', value: {} } } }] },
    /Input "x" is a map/,
  ),
  model(
    'an optional as output',
    { nodes: [relu], outputs: [{ name: 'y', type: { value: { case: 'optionalType', value: {} } } }] },
    /Output "y" is an optional/,
  ),
  model('an input of no type', { nodes: [relu], inputs: [{ name: 'x' }] }, /Input "x" is of no type/),
  model(
    'an input without a shape',
    { nodes: [relu], inputs: [valueInfo('x', null)] },
    /Input "x" declares no shape/,
  ),
  model(
    'complex numbers',
    { nodes: [relu], inputs: [valueInfo('x', [2], 'COMPLEX64')] },
    /element type COMPLEX64/,
  ),
  model(
    'an element type that does not exist',
    {
      nodes: [relu],
      inputs: [{ name: 'x', type: { value: { case: 'tensorType', value: { elemType: 99 } } } }],
    },
    /element type number 99/,
  ),
  model(
    'a negative dimension',
    { nodes: [relu], inputs: [valueInfo('x', [-1, 3])] },
    /negative dimension -1/,
  ),
  model(
    'nine dimensions',
    { nodes: [relu], inputs: [valueInfo('x', [1, 1, 1, 1, 1, 1, 1, 1, 1])] },
    /9 dimensions/,
  ),
  model(
    'a giant input',
    { nodes: [relu], inputs: [valueInfo('x', [1_000_000, 1_000_000])] },
    /Input "x" declares \[1000000, 1000000\]/,
  ),
  model(
    'a name of 300 characters',
    { nodes: [relu], inputs: [valueInfo('n'.repeat(300))] },
    /name of more than 255 bytes/,
  ),
  model(
    'an output of another type than declared',
    { nodes: [relu], outputs: [valueInfo('y', [2, 3], 'INT64')] },
    /declared as INT64 and is FP32/,
  ),
  model(
    'an output of another rank than declared',
    { nodes: [relu], outputs: [valueInfo('y', [6])] },
    /1 dimensions and has 2/,
  ),
]
