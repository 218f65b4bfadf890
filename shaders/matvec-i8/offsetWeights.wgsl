// Weights laid out for matvecByFloats.wgsl: 128 more in bytes 0 to 2 of each word, so that they count from 0 to 255.
//   weights: vec4<u32>[n, groups, 2]       sixteen int8 codes each, of form pc (rule S6a of the exact lane)
//   offsetWeights: vec4<u32>[n, groups, 2] the same with the sign bits of three bytes turned round
@group(0) @binding(1) var<storage, read> weights: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> offsetWeights: array<vec4u>;

@compute @workgroup_size(64, 1, 1)
fn offset(@builtin(global_invocation_id) cell: vec3u) {
  let quads = task.groups * 2u;
  let row = task.firstRow + cell.y;
  let quad = task.firstColumn + cell.x;
  if (row >= task.n || quad >= quads) {
    return;
  }
  offsetWeights[row * quads + quad] = weights[row * quads + quad] ^ vec4u(0x808080u);
}
