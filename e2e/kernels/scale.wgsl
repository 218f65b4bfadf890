// y = factor * x, element by element, and how many elements each invocation saw.
//   x: f32[64]   y: f32[64]   seen: u32[64]
override factor: f32 = 2.0;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> seen: array<u32>;

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3u) {
  for (var i = id.x; i < arrayLength(&x); i += 32u) {
    y[i] = factor * x[i];
    seen[i] = i;
  }
}
