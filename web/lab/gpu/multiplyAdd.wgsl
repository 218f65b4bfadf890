// Multiply-adds and nothing else: the most operations a second.
//   y: f32[invocations]   operations of one invocation: 64 rounds x 8 x vec4 x 2 = 4096
@group(0) @binding(0) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let start = f32(id.x) * 1e-6;
  let scale = vec4f(0.999);
  let step = vec4f(start, 0.1, 0.2, 0.3);
  var a = vec4f(start);
  var b = vec4f(start + 0.1);
  var c = vec4f(start + 0.2);
  var d = vec4f(start + 0.3);
  var e = vec4f(start + 0.4);
  var f = vec4f(start + 0.5);
  var g = vec4f(start + 0.6);
  var h = vec4f(start + 0.7);
  for (var round = 0u; round < 64u; round++) {
    a = fma(a, scale, step);
    b = fma(b, scale, step);
    c = fma(c, scale, step);
    d = fma(d, scale, step);
    e = fma(e, scale, step);
    f = fma(f, scale, step);
    g = fma(g, scale, step);
    h = fma(h, scale, step);
  }
  let sum = (a + b) + (c + d) + (e + f) + (g + h);
  y[id.x] = sum.x + sum.y + sum.z + sum.w;
}
