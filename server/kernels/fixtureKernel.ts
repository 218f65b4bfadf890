import { CLOCK, TIMES } from '../../protocol/kernel/customTask.ts'
import { elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'

/** The body of a job for a kernel that doubles four numbers. */
export const doubling = {
  kind: 'kernel',
  program: `@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3u) {
  y[id.x] = 2f * x[id.x];
}
`,
  entryPoint: 'main',
  bindings: [
    { name: 'x', binding: 0, type: 'read-only-storage', datatype: 'FP32', shape: [4] },
    { name: 'y', binding: 1, type: 'storage', datatype: 'FP32', shape: [4] },
  ],
  dispatch: [1, 1, 1],
  inputs: [{ name: 'x', datatype: 'FP32', shape: [4], data: [1, 2, 3, 4] }],
  outputs: ['y'],
  repeat: 3,
  operations: 8,
}

/** What a tab sends back for it. */
export const doubled = (
  values: readonly number[] = [2, 4, 6, 8],
  timesMs = [1, 2, 3],
  byTimestamps = true,
): Tensor[] => [
  tensorOf('y', 'FP32', [values.length], Float32Array.from(values)),
  tensorOf(TIMES, 'FP64', [timesMs.length], Float64Array.from(timesMs)),
  tensorOf(CLOCK, 'UINT8', [1], Uint8Array.of(byTimestamps ? 1 : 0)),
]

export const numbersOf = (tensor: Tensor): number[] => [...(elementsOf(tensor) as Float32Array)]
