import { bandFields, field } from '../elementwise.ts'
import enableSubgroups from '../enableSubgroups.wgsl?raw'
import type { KernelArgument, KernelDescriptor, KernelPass, KernelVariant } from '../kernel.ts'
import type { Size } from '../size.ts'
import direct from './direct.wgsl?raw'
import picture from './picture.wgsl?raw'
import task from './task.wgsl?raw'
import weightBroadcast from './weightBroadcast.wgsl?raw'
import weightLoad from './weightLoad.wgsl?raw'
import workgroupTile from './workgroupTile.wgsl?raw'

/** floor((padded - kernel) / stride) + 1, and 0 where the kernel is larger than the padded picture. */
const outSize = (size: string, before: string, after: string, kernel: string, stride: string): Size => ({
  ceilDiv: [{ max: [0, { plus: [size, before, after, { times: [-1, kernel] }, 1] }] }, stride],
})
const outHeight = outSize('height', 'padTop', 'padBottom', 'kernelHeight', 'strideY')
const outWidth = outSize('width', 'padLeft', 'padRight', 'kernelWidth', 'strideX')
const pixels: Size = { times: [outHeight, outWidth] }
const channels: Size = { times: ['groups', 'groupChannels'] }
const outputs: Size = { times: ['groups', 'groupOutputs'] }
/** Products that one element of y sums up. */
const summed: Size = { times: ['groupChannels', 'kernelHeight', 'kernelWidth'] }

const argument = (name: string, least: number, most: number): KernelArgument => ({
  name,
  type: 'u32',
  least,
  most,
})

const passOf = (
  programs: readonly string[],
  outputsPerRow: number,
  columns: Size,
  overrides: KernelPass['overrides'],
): KernelPass => ({
  step: 'compute',
  programs,
  entryPoint: 'main',
  reads: ['x', 'weights', 'bias'],
  writes: 'y',
  overrides,
  rows: { times: ['batch', 'groups', { ceilDiv: ['groupOutputs', outputsPerRow] }] },
  columns: pixels,
  perWorkgroup: { rows: 1, columns },
  cellOperations: { times: [2 * outputsPerRow, summed] },
})

const directVariant = (
  suffix: string,
  features: readonly string[],
  programs: readonly string[],
): KernelVariant => ({
  name: `direct${suffix}`,
  family: 'registerTile',
  needs: { languageFeatures: [], features },
  tuning: { lanes: { value: 16, values: [8, 16, 32, 64] } },
  scratch: [],
  passes: [passOf([...programs, 'direct'], 8, { times: [4, 'lanes'] }, { lanes: 'lanes' })],
})

/** `conv2d-f32`: a convolution of pictures in f32, within the bound of matmul-f32/roundingBound.ts. */
export const conv2dF32: KernelDescriptor = {
  v: 1,
  name: 'conv2d-f32',
  summary:
    'Convolution of pictures FP32[batch, channels, height, width] with bias, strides, padding and groups.',
  lane: 'float',
  arguments: [
    argument('batch', 0, 2 ** 16),
    argument('groups', 1, 2 ** 16),
    // Channels and outputs of one group.
    argument('groupChannels', 1, 2 ** 16),
    argument('groupOutputs', 1, 2 ** 16),
    argument('height', 1, 2 ** 16),
    argument('width', 1, 2 ** 16),
    argument('kernelHeight', 1, 1024),
    argument('kernelWidth', 1, 1024),
    argument('strideY', 1, 1024),
    argument('strideX', 1, 1024),
    // Zeros around each picture.
    argument('padTop', 0, 1024),
    argument('padLeft', 0, 1024),
    argument('padBottom', 0, 1024),
    argument('padRight', 0, 1024),
  ],
  uniforms: [
    ...['height', 'width', 'kernelHeight', 'kernelWidth', 'strideY', 'strideX', 'padTop', 'padLeft'].map(
      field,
    ),
    ...['groups', 'groupChannels', 'groupOutputs'].map(field),
    { name: 'outHeight', type: 'u32', value: outHeight },
    { name: 'outWidth', type: 'u32', value: outWidth },
    ...bandFields,
  ],
  tensors: [
    { name: 'x', role: 'input', datatype: 'FP32', shape: ['batch', channels, 'height', 'width'] },
    {
      name: 'weights',
      role: 'input',
      datatype: 'FP32',
      shape: [outputs, 'groupChannels', 'kernelHeight', 'kernelWidth'],
    },
    { name: 'bias', role: 'input', datatype: 'FP32', shape: [outputs] },
    { name: 'y', role: 'output', datatype: 'FP32', shape: ['batch', outputs, outHeight, outWidth] },
  ],
  operations: { times: [2, 'batch', outputs, pixels, summed] },
  variants: [
    directVariant('Broadcast', ['subgroups'], ['enableSubgroups', 'task', 'picture', 'weightBroadcast']),
    directVariant('', [], ['task', 'picture', 'weightLoad']),
    {
      name: 'workgroupTile',
      family: 'workgroupTile',
      needs: { languageFeatures: [], features: [] },
      scratch: [],
      passes: [passOf(['task', 'picture', 'workgroupTile'], 64, 64, {})],
    },
  ],
  programs: { enableSubgroups, task, picture, weightLoad, weightBroadcast, direct, workgroupTile },
}
