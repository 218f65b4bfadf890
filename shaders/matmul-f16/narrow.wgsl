// The product in two bytes an element, for devices without shader-f16.
//   wide: f32[m, n]   c: f16[m, n], two to a word, the first one low
@group(0) @binding(1) var<storage, read> wide: array<f32>;
@group(0) @binding(2) var<storage, read_write> c: array<u32>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(global_invocation_id) cell: vec3u) {
  let word = task.firstColumn + cell.x;
  let count = task.m * task.n;
  if (word * 2u >= count) {
    return;
  }
  let second = select(0f, wide[word * 2u + 1u], word * 2u + 1u < count);
  c[word] = pack2x16float(vec2f(wide[word * 2u], second));
}
