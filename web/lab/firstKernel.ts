import type { LabSession } from './session.ts'

/** What an empty lab opens on: a kernel that works on round sizes and forgets the last elements of others. */
export const firstKernel: LabSession = {
  v: 1,
  name: 'saxpy',
  programs: [
    {
      name: 'saxpy.wgsl',
      text: `// y = a * x + y, one element each.
//   x, y: f32[n]
struct Task {
  n: u32,
  a: f32,
}
@group(0) @binding(0) var<uniform> task: Task;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

override lanes: u32 = 64;

@compute @workgroup_size(lanes)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= task.n) { return; }
  y[i] = task.a * x[i] + y[i];
}
`,
    },
  ],
  passes: [
    {
      program: 0,
      entryPoint: 'main',
      buffers: {},
      uniforms: { task: { n: 'n', a: '2' } },
      overrides: { lanes: 'lanes' },
      constants: {},
      dispatch: ['floor(n / lanes)', '1', '1'],
    },
  ],
  buffers: [
    { name: 'x', datatype: 'FP32', shape: ['n'], role: 'input', fill: { kind: 'random' } },
    { name: 'y', datatype: 'FP32', shape: ['n'], role: 'output', fill: { kind: 'ramp' } },
  ],
  numbers: { n: 1000, lanes: 64 },
  seed: 1,
  check: { kind: 'expression', text: '2 * x[i] + y[i]' },
  toleranceUlp: 1,
  operations: '2 * n',
  sweep: { lanes: '32, 64, 128, 256' },
}
