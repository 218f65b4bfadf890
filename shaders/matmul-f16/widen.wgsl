// Numbers of two bytes as f32, for devices without shader-f16: every half is an f32, nothing is rounded.
//   halves: f16[m, k] or f16[k, n], two to a word, the first one low   wide: f32 of the same shape
@group(0) @binding(1) var<storage, read> halves: array<u32>;
@group(0) @binding(2) var<storage, read_write> wide: array<f32>;

fn widen(at: u32, count: u32) {
  if (at >= count) {
    return;
  }
  let two = unpack2x16float(halves[at / 2u]);
  wide[at] = select(two.x, two.y, at % 2u == 1u);
}

@compute @workgroup_size(64, 1, 1)
fn widenA(@builtin(global_invocation_id) cell: vec3u) {
  widen(task.firstColumn + cell.x, task.m * task.k);
}

@compute @workgroup_size(64, 1, 1)
fn widenB(@builtin(global_invocation_id) cell: vec3u) {
  widen(task.firstColumn + cell.x, task.k * task.n);
}
