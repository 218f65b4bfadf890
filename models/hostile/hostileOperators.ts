import { float32, node, valueInfo } from '../onnx/buildModel.ts'
import { branch, type HostileModel, model, operator, relu } from './hostileModel.ts'

const random = /is refused: it is random/

/** Models with operators that are refused. */
export const hostileOperators: HostileModel[] = [
  operator('RandomNormal', node('RandomNormal', [], ['y'], { shape: [2, 3] }), random),
  operator('RandomNormalLike', node('RandomNormalLike', ['x'], ['y']), random),
  operator('RandomUniform', node('RandomUniform', [], ['y'], { shape: [2, 3] }), random),
  operator('RandomUniformLike', node('RandomUniformLike', ['x'], ['y']), random),
  operator('Multinomial', node('Multinomial', ['x'], ['y']), random),
  operator('Bernoulli', node('Bernoulli', ['x'], ['y']), random),
  model(
    'Dropout in training mode',
    {
      nodes: [node('Dropout', ['x', 'ratio', 'train'], ['y'])],
      initializers: [float32('ratio', [0.5], []), { name: 'train', dataType: 9, dims: [], int32Data: [1] }],
    },
    /Dropout "Dropout_y" is refused: it is in training mode/,
  ),
  model(
    'Dropout whose mode is an input',
    {
      nodes: [node('Dropout', ['x', 'ratio', 'train'], ['y'])],
      inputs: [valueInfo('x'), valueInfo('train', [], 'BOOL')],
      initializers: [float32('ratio', [0.5], [])],
    },
    /training mode/,
  ),
  operator(
    'BatchNormalization in training mode',
    node('BatchNormalization', ['x', 'x', 'x', 'x', 'x'], ['y'], { training_mode: 1 }),
    /BatchNormalization.*training mode/,
  ),
  operator(
    'a loop',
    node('Loop', ['x'], ['y'], { body: { graph: branch('a') } }),
    /Loop "Loop_y" is refused: how often it runs/,
  ),
  operator(
    'a scan',
    node('Scan', ['x'], ['y'], { body: { graph: branch('a') } }),
    /Scan "Scan_y" is refused/,
  ),
  operator('a sequence operator', node('SequenceConstruct', ['x'], ['y']), /SequenceConstruct.*sequences/),
  operator('an optional operator', node('Optional', ['x'], ['y']), /Optional.*optionals/),
  operator('a string operator', node('StringNormalizer', ['x'], ['y']), /StringNormalizer.*text/),
  operator('a file decoder', node('ImageDecoder', ['x'], ['y'], {}), /ImageDecoder.*decodes files/, 20),
  operator(
    'an output as long as the values say',
    node('NonMaxSuppression', ['x', 'x'], ['y']),
    /NonMaxSuppression.*depends on values/,
  ),
  operator(
    'an operator that does not exist',
    node('LaunchMissiles', ['x'], ['y']),
    /"LaunchMissiles" is not on the allow-list/,
  ),
  operator('an operator without a name', node('', ['x'], ['y']), /not on the allow-list/),
  operator('an operator of a foreign domain', { ...relu, domain: 'com.evil' }, /domain "com\.evil"/),
  operator(
    'a fused operator of ONNX Runtime',
    { ...node('FusedMatMul', ['x', 'x'], ['y']), domain: 'com.microsoft' },
    /FusedMatMul.*domain "com\.microsoft"/,
  ),
  operator(
    'an operator of a later set',
    node('Gelu', ['x'], ['y']),
    /Gelu came with operator set 20, the model declares 17/,
  ),
  operator(
    'an operator of an earlier set',
    node('Upsample', ['x', 'x'], ['y']),
    /Upsample ended with operator set 9/,
  ),
  operator('a cast to complex numbers', node('Cast', ['x'], ['y'], { to: 14 }), /casts to COMPLEX64/),
  operator(
    'an Einsum with an ellipsis',
    node('Einsum', ['x'], ['y'], { equation: '...i->...' }),
    /only letters/,
  ),
]
