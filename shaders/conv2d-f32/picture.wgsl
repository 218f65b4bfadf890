// Buffers of a convolution, and where its pixels lie. K = groupChannels * kernelHeight * kernelWidth.
//   x: f32[batch, groups * groupChannels, height, width]
//   weights: f32[groups * groupOutputs, K]   bias: f32[groups * groupOutputs]
//   y: f32[batch, groups * groupOutputs, outHeight, outWidth]
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

// Four pixels of y as the corners of what they see of x; negative where that begins in the padding.
struct Corners {
  y: vec4i,
  x: vec4i,
}

// Pixels past the last one are the last one: nobody stores their sums.
fn cornersOf(pixels: vec4u) -> Corners {
  let read = min(pixels, vec4u(task.outHeight * task.outWidth - 1u));
  return Corners(
    vec4i(read / task.outWidth * task.strideY) - i32(task.padTop),
    vec4i(read % task.outWidth * task.strideX) - i32(task.padLeft),
  );
}

// What one element of the kernel meets: where in a plane of x, and whether it is there and not in the padding.
struct Met {
  at: vec4u,
  inside: vec4<bool>,
}

fn metBy(corners: Corners, ky: u32, kx: u32) -> Met {
  let row = corners.y + i32(ky);
  let column = corners.x + i32(kx);
  let inside = (row >= vec4i(0)) & (row < vec4i(i32(task.height)))
    & (column >= vec4i(0)) & (column < vec4i(i32(task.width)));
  return Met(vec4u(select(vec4i(0), row * i32(task.width) + column, inside)), inside);
}

// The pixels from `start` on, where a plane of x begins; zero in the padding.
fn fourPixels(start: u32, met: Met) -> vec4f {
  let at = met.at + start;
  return select(vec4f(), vec4f(x[at.x], x[at.y], x[at.z], x[at.w]), met.inside);
}
