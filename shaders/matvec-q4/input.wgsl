//   x: f32[k], read as fours; the buffer is whole fours
@group(0) @binding(4) var<storage, read> x: array<vec4f>;
//   y: f32[n]
@group(0) @binding(5) var<storage, read_write> y: array<f32>;

// The x of a block of 32.
struct Input {
  first: array<vec4f, 4>,
  second: array<vec4f, 4>,
}

// Zero past k.
fn fourOfX(at: u32) -> vec4f {
  let index = vec4u(at * 4u) + vec4u(0u, 1u, 2u, 3u);
  return select(vec4f(), x[at], index < vec4u(task.k));
}
