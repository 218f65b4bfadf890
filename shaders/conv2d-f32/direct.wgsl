// A convolution in registers alone: one invocation computes 8 outputs of one group at 4 pixels.
//   x, weights, bias and y: see picture.wgsl
// The four pixels lie `lanes` apart, so that neighbouring invocations read neighbouring words of x. A row of the grid is
// eight outputs of one group of one picture. `fourWeights` comes from weightLoad.wgsl or weightBroadcast.wgsl.
override lanes: u32 = 16u;

fn store(output: u32, start: u32, pixels: vec4u, values: vec4f) {
  if (output >= task.groupOutputs) {
    return;
  }
  let count = task.outHeight * task.outWidth;
  let at = start + output * count;
  if (pixels.x < count) { y[at + pixels.x] = values.x; }
  if (pixels.y < count) { y[at + pixels.y] = values.y; }
  if (pixels.z < count) { y[at + pixels.z] = values.z; }
  if (pixels.w < count) { y[at + pixels.w] = values.w; }
}

@compute @workgroup_size(lanes, 1, 1)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_index) local: u32,
  place: Place,
) {
  let eights = (task.groupOutputs + 7u) / 8u;
  let row = task.firstRow + workgroup.y;
  let output = row % eights * 8u;
  // The group, counted through all pictures, and in its own one.
  let ofAll = row / eights;
  let outputsBefore = ofAll % task.groups * task.groupOutputs;
  let pixels = vec4u(task.firstColumn + workgroup.x * lanes * 4u + local) + vec4u(0u, lanes, lanes * 2u, lanes * 3u);
  let corners = cornersOf(pixels);
  // Outputs past the last one of the group are the last one: only stores are guarded.
  let last = vec4u(task.groupOutputs - 1u);
  let near = min(vec4u(output) + vec4u(0u, 1u, 2u, 3u), last) + outputsBefore;
  let far = min(vec4u(output) + vec4u(4u, 5u, 6u, 7u), last) + outputsBefore;
  let area = task.kernelHeight * task.kernelWidth;
  let nearStarts = ownStarts(near * (task.groupChannels * area), place);
  let farStarts = ownStarts(far * (task.groupChannels * area), place);
  let plane = task.height * task.width;
  let firstPlane = ofAll * task.groupChannels * plane;
  var sum0 = vec4f(bias[near.x]);
  var sum1 = vec4f(bias[near.y]);
  var sum2 = vec4f(bias[near.z]);
  var sum3 = vec4f(bias[near.w]);
  var sum4 = vec4f(bias[far.x]);
  var sum5 = vec4f(bias[far.y]);
  var sum6 = vec4f(bias[far.z]);
  var sum7 = vec4f(bias[far.w]);
  for (var ky = 0u; ky < task.kernelHeight; ky++) {
    for (var kx = 0u; kx < task.kernelWidth; kx++) {
      let met = metBy(corners, ky, kx);
      var start = firstPlane;
      var offset = ky * task.kernelWidth + kx;
      for (var channel = 0u; channel < task.groupChannels; channel++) {
        let seen = fourPixels(start, met);
        let nearWeights = fourWeights(nearStarts, offset);
        let farWeights = fourWeights(farStarts, offset);
        sum0 += nearWeights.x * seen;
        sum1 += nearWeights.y * seen;
        sum2 += nearWeights.z * seen;
        sum3 += nearWeights.w * seen;
        sum4 += farWeights.x * seen;
        sum5 += farWeights.y * seen;
        sum6 += farWeights.z * seen;
        sum7 += farWeights.w * seen;
        start += plane;
        offset += area;
      }
    }
  }
  let stored = ofAll * task.groupOutputs * task.outHeight * task.outWidth;
  store(output, stored, pixels, sum0);
  store(output + 1u, stored, pixels, sum1);
  store(output + 2u, stored, pixels, sum2);
  store(output + 3u, stored, pixels, sum3);
  store(output + 4u, stored, pixels, sum4);
  store(output + 5u, stored, pixels, sum5);
  store(output + 6u, stored, pixels, sum6);
  store(output + 7u, stored, pixels, sum7);
}
