// A convolution as a matrix product through workgroup memory: 256 invocations compute 64 outputs of one group at 64 pixels,
// each 4 outputs at 4 pixels. Pixels are read where they lie, no matrix of them is made.
//   x, weights, bias and y: see picture.wgsl
// A row of the grid is 64 outputs of one group of one picture. A step takes 16 elements of the K that are summed up.

// A row of weights in the tile is one longer than it must be: rows then lie in different banks.
const weightStride = 5u;
const pixelStart = 64u * weightStride;

// First weights: output o, quad q of K at o * weightStride + q. Then pixels from pixelStart: step t, four pixels p at
// t * 16 + p.
var<workgroup> tile: array<vec4f, pixelStart + 256u>;

fn summed() -> u32 {
  return task.groupChannels * task.kernelHeight * task.kernelWidth;
}

fn weightAt(start: u32, t: u32) -> f32 {
  if (t < summed()) {
    return weights[start + t];
  }
  return 0f;
}

// Four neighbouring weights of an output, zero past K.
fn quadOfWeights(start: u32, t: u32) -> vec4f {
  return vec4f(weightAt(start, t), weightAt(start, t + 1u), weightAt(start, t + 2u), weightAt(start, t + 3u));
}

// What element t of K meets at four pixels, zero past K.
fn quadOfPixels(firstPlane: u32, t: u32, corners: Corners) -> vec4f {
  if (t >= summed()) {
    return vec4f();
  }
  let area = task.kernelHeight * task.kernelWidth;
  let inArea = t % area;
  let met = metBy(corners, inArea / task.kernelWidth, inArea % task.kernelWidth);
  return fourPixels(firstPlane + t / area * task.height * task.width, met);
}

fn store(output: u32, start: u32, pixel: u32, values: vec4f) {
  if (output >= task.groupOutputs) {
    return;
  }
  let count = task.outHeight * task.outWidth;
  let at = start + output * count + pixel;
  if (pixel < count) { y[at] = values.x; }
  if (pixel + 1u < count) { y[at + 1u] = values.y; }
  if (pixel + 2u < count) { y[at + 2u] = values.z; }
  if (pixel + 3u < count) { y[at + 3u] = values.w; }
}

@compute @workgroup_size(256, 1, 1)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) index: u32) {
  let tiles = (task.groupOutputs + 63u) / 64u;
  let row = task.firstRow + workgroup.y;
  let tileOutput = row % tiles * 64u;
  // The group, counted through all pictures, and in its own one.
  let ofAll = row / tiles;
  let outputsBefore = ofAll % task.groups * task.groupOutputs;
  let lastOutput = task.groupOutputs - 1u;
  let x4 = index % 16u;
  let y4 = index / 16u;
  let pixel = task.firstColumn + workgroup.x * 64u + x4 * 4u;
  let corners = cornersOf(vec4u(pixel) + vec4u(0u, 1u, 2u, 3u));
  let firstPlane = ofAll * task.groupChannels * task.height * task.width;
  let loadedOutput = index / 4u;
  let loadedQuad = index % 4u;
  let weightStart = (outputsBefore + min(tileOutput + loadedOutput, lastOutput)) * summed();
  let output = tileOutput + y4 * 4u;
  let biased = outputsBefore + min(vec4u(output) + vec4u(0u, 1u, 2u, 3u), vec4u(lastOutput));
  var sum0 = vec4f(bias[biased.x]);
  var sum1 = vec4f(bias[biased.y]);
  var sum2 = vec4f(bias[biased.z]);
  var sum3 = vec4f(bias[biased.w]);
  // What the next step needs is read while this one is computed.
  var nextWeights = quadOfWeights(weightStart, loadedQuad * 4u);
  var nextPixels = quadOfPixels(firstPlane, y4, corners);
  for (var first = 0u; first < summed(); first += 16u) {
    tile[loadedOutput * weightStride + loadedQuad] = nextWeights;
    tile[pixelStart + index] = nextPixels;
    workgroupBarrier();
    let next = first + 16u;
    if (next < summed()) {
      nextWeights = quadOfWeights(weightStart, next + loadedQuad * 4u);
      nextPixels = quadOfPixels(firstPlane, next + y4, corners);
    }
    for (var quad = 0u; quad < 4u; quad++) {
      let at = pixelStart + quad * 64u + x4;
      let fourSteps = mat4x4f(tile[at], tile[at + 16u], tile[at + 32u], tile[at + 48u]);
      let weightAt = y4 * 4u * weightStride + quad;
      sum0 += fourSteps * tile[weightAt];
      sum1 += fourSteps * tile[weightAt + weightStride];
      sum2 += fourSteps * tile[weightAt + weightStride * 2u];
      sum3 += fourSteps * tile[weightAt + weightStride * 3u];
    }
    workgroupBarrier();
  }
  let stored = ofAll * task.groupOutputs * task.outHeight * task.outWidth;
  store(output, stored, pixel, sum0);
  store(output + 1u, stored, pixel, sum1);
  store(output + 2u, stored, pixel, sum2);
  store(output + 3u, stored, pixel, sum3);
}
