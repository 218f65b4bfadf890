// Weights times one row of activations with products and sums in f32; an invocation works on `rowsEach` rows of weights.
//   codes: vec4<u32>[planes, groups, 2]    sixteen int8 codes each, zero past k
//   offsetWeights: vec4<i32>[n, groups, 2] the same, of form pc (rule S6a of the exact lane); bytes 0 to 2 of each word plus 128
//   accumulators: i32[n]                   exact, modulo 2^32
// Exact, because every product and sum of f32 is a whole number below 2^24, of which none is rounded in any order: bytes 0
// to 2 of a word of weights count from 0 to 255 (offsetWeights.wgsl) and byte 3 counts from -128 to 127, so that the 64
// words of a block give 64 * (3 * 255 + 128) * 128 = 7,315,456 at most. What the first three bytes count too much, 128
// times the sum of their activations, is taken off first: 64 * 3 * 128 * 128 = 3,145,728 at most. Bytes are multiplied where they stand in their word, by activations divided by as
// much: software adapters take ten times as long for a shift as for a product.
struct Task {
  n: u32,
  groups: u32,
  firstRow: u32,
  firstColumn: u32,
}
@group(0) @binding(0) var<uniform> task: Task;
@group(0) @binding(1) var<storage, read> codes: array<vec4u>;
@group(0) @binding(2) var<storage, read> offsetWeights: array<vec4i>;
@group(0) @binding(3) var<storage, read_write> accumulators: array<i32>;

override lanes: u32 = 8u;
override rowsEach: u32 = 128u;
override planes: u32 = 1u;
// Fours of words of a block: their activations are made once for all rows of an invocation.
const blockQuads = 16u;

// What picks bytes 0 to 3 of a word. Made of the task, though it is always the same: software adapters make a constant
// anew wherever it stands, and keep a variable.
fn masksOf() -> vec4i {
  return vec4i(0xff, 0xff00, 0xff0000, -0x1000000) | vec4i(i32(task.groups >> 31u));
}

// Sixteen activations: byte j of four words, divided by 2^8j.
struct Activations {
  byte0: vec4f,
  byte1: vec4f,
  byte2: vec4f,
  byte3: vec4f,
}

// The activations of a four of words; zeros past the last one.
fn activationsOf(plane: u32, quad: u32, masks: vec4i) -> Activations {
  let quads = task.groups * 2u;
  let words = bitcast<vec4i>(select(vec4u(), codes[plane * quads + quad], quad < quads) ^ vec4u(0x808080u));
  return Activations(
    vec4f(words & vec4i(masks.x)) - 128f,
    (vec4f(words & vec4i(masks.y)) * 0x1p-8f - 128f) * 0x1p-8f,
    (vec4f(words & vec4i(masks.z)) * 0x1p-16f - 128f) * 0x1p-16f,
    vec4f(words & vec4i(masks.w)) * 0x1p-48f,
  );
}

// The sum of the activations of bytes 0 to 2.
fn offsetSum(x: Activations) -> f32 {
  let sums = x.byte0 + x.byte1 * 0x1p8f + x.byte2 * 0x1p16f;
  return sums.x + sums.y + sums.z + sums.w;
}

fn plusWord(sum: f32, word: i32, masks: vec4i, x: vec4f) -> f32 {
  var all = sum + f32(word & masks.x) * x.x;
  all += f32(word & masks.y) * x.y;
  all += f32(word & masks.z) * x.z;
  return all + f32(word & masks.w) * x.w;
}

// `sum` and sixteen weights of a row times their activations.
fn plusQuad(sum: f32, w: vec4i, masks: vec4i, x: Activations) -> f32 {
  var all = plusWord(sum, w.x, masks, vec4f(x.byte0.x, x.byte1.x, x.byte2.x, x.byte3.x));
  all = plusWord(all, w.y, masks, vec4f(x.byte0.y, x.byte1.y, x.byte2.y, x.byte3.y));
  all = plusWord(all, w.z, masks, vec4f(x.byte0.z, x.byte1.z, x.byte2.z, x.byte3.z));
  return plusWord(all, w.w, masks, vec4f(x.byte0.w, x.byte1.w, x.byte2.w, x.byte3.w));
}

@compute @workgroup_size(lanes, 1, 1)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let firstRow = (task.firstRow + workgroup.y * lanes) * rowsEach + local;
  let endRow = min((task.firstRow + (workgroup.y + 1u) * lanes) * rowsEach, task.n);
  let quads = task.groups * 2u;
  let masks = masksOf();
  for (var plane = 0u; plane < planes; plane++) {
    // Once at least: sums of no products are zero.
    for (var first = 0u; first == 0u || first < quads; first += blockQuads) {
      let x0 = activationsOf(plane, first + 0u, masks);
      let x1 = activationsOf(plane, first + 1u, masks);
      let x2 = activationsOf(plane, first + 2u, masks);
      let x3 = activationsOf(plane, first + 3u, masks);
      let x4 = activationsOf(plane, first + 4u, masks);
      let x5 = activationsOf(plane, first + 5u, masks);
      let x6 = activationsOf(plane, first + 6u, masks);
      let x7 = activationsOf(plane, first + 7u, masks);
      let x8 = activationsOf(plane, first + 8u, masks);
      let x9 = activationsOf(plane, first + 9u, masks);
      let x10 = activationsOf(plane, first + 10u, masks);
      let x11 = activationsOf(plane, first + 11u, masks);
      let x12 = activationsOf(plane, first + 12u, masks);
      let x13 = activationsOf(plane, first + 13u, masks);
      let x14 = activationsOf(plane, first + 14u, masks);
      let x15 = activationsOf(plane, first + 15u, masks);
      var offset = 0f;
      offset += offsetSum(x0);
      offset += offsetSum(x1);
      offset += offsetSum(x2);
      offset += offsetSum(x3);
      offset += offsetSum(x4);
      offset += offsetSum(x5);
      offset += offsetSum(x6);
      offset += offsetSum(x7);
      offset += offsetSum(x8);
      offset += offsetSum(x9);
      offset += offsetSum(x10);
      offset += offsetSum(x11);
      offset += offsetSum(x12);
      offset += offsetSum(x13);
      offset += offsetSum(x14);
      offset += offsetSum(x15);
      // What was summed before counts not at all in the first block, and 128 times where the second plane starts.
      let before = select(1i, select(128i, 0i, plane == 0u), first == 0u);
      for (var row = firstRow; row < endRow; row += lanes) {
        // Weights past the end of a row meet activations of zero.
        let at = row * quads + first;
        var sum = plusQuad(-128f * offset, offsetWeights[at], masks, x0);
        sum = plusQuad(sum, offsetWeights[at + 1u], masks, x1);
        sum = plusQuad(sum, offsetWeights[at + 2u], masks, x2);
        sum = plusQuad(sum, offsetWeights[at + 3u], masks, x3);
        sum = plusQuad(sum, offsetWeights[at + 4u], masks, x4);
        sum = plusQuad(sum, offsetWeights[at + 5u], masks, x5);
        sum = plusQuad(sum, offsetWeights[at + 6u], masks, x6);
        sum = plusQuad(sum, offsetWeights[at + 7u], masks, x7);
        sum = plusQuad(sum, offsetWeights[at + 8u], masks, x8);
        sum = plusQuad(sum, offsetWeights[at + 9u], masks, x9);
        sum = plusQuad(sum, offsetWeights[at + 10u], masks, x10);
        sum = plusQuad(sum, offsetWeights[at + 11u], masks, x11);
        sum = plusQuad(sum, offsetWeights[at + 12u], masks, x12);
        sum = plusQuad(sum, offsetWeights[at + 13u], masks, x13);
        sum = plusQuad(sum, offsetWeights[at + 14u], masks, x14);
        sum = plusQuad(sum, offsetWeights[at + 15u], masks, x15);
        accumulators[row] = accumulators[row] * before + i32(sum);
      }
    }
  }
}
