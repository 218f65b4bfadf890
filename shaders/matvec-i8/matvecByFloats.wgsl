// Weights times one row of activations with products and sums in f32; an invocation works on thirty-two rows of weights.
//   codes: vec4<u32>[planes, groups, 2]    sixteen int8 codes each, zero past k
//   offsetWeights: vec4<i32>[n, groups, 2] the same, of form pc (rule S6a of the exact lane); bytes 0 to 2 of each word plus 128
//   accumulators: i32[n]                   exact, modulo 2^32
// Exact, because every product and sum of f32 is a whole number below 2^24, of which none is rounded in any order: bytes 0
// to 2 of a word of weights count from 0 to 255 (offsetWeights.wgsl) and byte 3 counts from -128 to 127, so that the 128
// words of a block give 128 * (3 * 255 + 128) * 128 = 14,630,912 at most. What the first three bytes count too much is
// 128 times the sum of their activations. Bytes are multiplied where they stand in their word, by activations divided by
// as much: software adapters take ten times as long for a shift as for a product.
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
override planes: u32 = 1u;
// Fours of words of a block.
const blockQuads = 32u;

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

fn plusWord(sum: f32, word: i32, masks: vec4i, x: vec4f) -> f32 {
  var all = sum + f32(word & masks.x) * x.x;
  all += f32(word & masks.y) * x.y;
  all += f32(word & masks.z) * x.z;
  return all + f32(word & masks.w) * x.w;
}

// `sum` and sixteen weights of a row times their activations.
fn plusRow(sum: f32, at: u32, masks: vec4i, x: Activations) -> f32 {
  let w = offsetWeights[at];
  var all = plusWord(sum, w.x, masks, vec4f(x.byte0.x, x.byte1.x, x.byte2.x, x.byte3.x));
  all = plusWord(all, w.y, masks, vec4f(x.byte0.y, x.byte1.y, x.byte2.y, x.byte3.y));
  all = plusWord(all, w.z, masks, vec4f(x.byte0.z, x.byte1.z, x.byte2.z, x.byte3.z));
  return plusWord(all, w.w, masks, vec4f(x.byte0.w, x.byte1.w, x.byte2.w, x.byte3.w));
}

// Where a row of weights starts. Reads past the last row are clamped to it; only stores are guarded.
fn startOf(row: u32) -> u32 {
  return min(row, task.n - 1u) * task.groups * 2u;
}

@compute @workgroup_size(lanes, 1, 1)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = (task.firstRow + workgroup.y * lanes + local) * 32u;
  if (row >= task.n) {
    return;
  }
  let quads = task.groups * 2u;
  let masks = masksOf();
  let start0 = startOf(row);
  let start1 = startOf(row + 1u);
  let start2 = startOf(row + 2u);
  let start3 = startOf(row + 3u);
  let start4 = startOf(row + 4u);
  let start5 = startOf(row + 5u);
  let start6 = startOf(row + 6u);
  let start7 = startOf(row + 7u);
  let start8 = startOf(row + 8u);
  let start9 = startOf(row + 9u);
  let start10 = startOf(row + 10u);
  let start11 = startOf(row + 11u);
  let start12 = startOf(row + 12u);
  let start13 = startOf(row + 13u);
  let start14 = startOf(row + 14u);
  let start15 = startOf(row + 15u);
  let start16 = startOf(row + 16u);
  let start17 = startOf(row + 17u);
  let start18 = startOf(row + 18u);
  let start19 = startOf(row + 19u);
  let start20 = startOf(row + 20u);
  let start21 = startOf(row + 21u);
  let start22 = startOf(row + 22u);
  let start23 = startOf(row + 23u);
  let start24 = startOf(row + 24u);
  let start25 = startOf(row + 25u);
  let start26 = startOf(row + 26u);
  let start27 = startOf(row + 27u);
  let start28 = startOf(row + 28u);
  let start29 = startOf(row + 29u);
  let start30 = startOf(row + 30u);
  let start31 = startOf(row + 31u);
  var total0 = 0i;
  var total1 = 0i;
  var total2 = 0i;
  var total3 = 0i;
  var total4 = 0i;
  var total5 = 0i;
  var total6 = 0i;
  var total7 = 0i;
  var total8 = 0i;
  var total9 = 0i;
  var total10 = 0i;
  var total11 = 0i;
  var total12 = 0i;
  var total13 = 0i;
  var total14 = 0i;
  var total15 = 0i;
  var total16 = 0i;
  var total17 = 0i;
  var total18 = 0i;
  var total19 = 0i;
  var total20 = 0i;
  var total21 = 0i;
  var total22 = 0i;
  var total23 = 0i;
  var total24 = 0i;
  var total25 = 0i;
  var total26 = 0i;
  var total27 = 0i;
  var total28 = 0i;
  var total29 = 0i;
  var total30 = 0i;
  var total31 = 0i;
  for (var plane = 0u; plane < planes; plane++) {
    total0 *= 128;
    total1 *= 128;
    total2 *= 128;
    total3 *= 128;
    total4 *= 128;
    total5 *= 128;
    total6 *= 128;
    total7 *= 128;
    total8 *= 128;
    total9 *= 128;
    total10 *= 128;
    total11 *= 128;
    total12 *= 128;
    total13 *= 128;
    total14 *= 128;
    total15 *= 128;
    total16 *= 128;
    total17 *= 128;
    total18 *= 128;
    total19 *= 128;
    total20 *= 128;
    total21 *= 128;
    total22 *= 128;
    total23 *= 128;
    total24 *= 128;
    total25 *= 128;
    total26 *= 128;
    total27 *= 128;
    total28 *= 128;
    total29 *= 128;
    total30 *= 128;
    total31 *= 128;
    for (var first = 0u; first < quads; first += blockQuads) {
      let end = min(first + blockQuads, quads);
      // Activations of bytes 0 to 2.
      var counted = vec4f();
      var sum0 = 0f;
      var sum1 = 0f;
      var sum2 = 0f;
      var sum3 = 0f;
      var sum4 = 0f;
      var sum5 = 0f;
      var sum6 = 0f;
      var sum7 = 0f;
      var sum8 = 0f;
      var sum9 = 0f;
      var sum10 = 0f;
      var sum11 = 0f;
      var sum12 = 0f;
      var sum13 = 0f;
      var sum14 = 0f;
      var sum15 = 0f;
      var sum16 = 0f;
      var sum17 = 0f;
      var sum18 = 0f;
      var sum19 = 0f;
      var sum20 = 0f;
      var sum21 = 0f;
      var sum22 = 0f;
      var sum23 = 0f;
      var sum24 = 0f;
      var sum25 = 0f;
      var sum26 = 0f;
      var sum27 = 0f;
      var sum28 = 0f;
      var sum29 = 0f;
      var sum30 = 0f;
      var sum31 = 0f;
      for (var quad = first; quad < end; quad++) {
        let words = bitcast<vec4i>(codes[plane * quads + quad] ^ vec4u(0x808080u));
        let byte0 = vec4f(words & vec4i(masks.x)) - 128f;
        let byte1 = vec4f(words & vec4i(masks.y)) * 0x1p-8f - 128f;
        let byte2 = vec4f(words & vec4i(masks.z)) * 0x1p-16f - 128f;
        let byte3 = vec4f(words & vec4i(masks.w)) * 0x1p-24f;
        counted += byte0 + byte1 + byte2;
        let x = Activations(byte0, byte1 * 0x1p-8f, byte2 * 0x1p-16f, byte3 * 0x1p-24f);
        sum0 = plusRow(sum0, start0 + quad, masks, x);
        sum1 = plusRow(sum1, start1 + quad, masks, x);
        sum2 = plusRow(sum2, start2 + quad, masks, x);
        sum3 = plusRow(sum3, start3 + quad, masks, x);
        sum4 = plusRow(sum4, start4 + quad, masks, x);
        sum5 = plusRow(sum5, start5 + quad, masks, x);
        sum6 = plusRow(sum6, start6 + quad, masks, x);
        sum7 = plusRow(sum7, start7 + quad, masks, x);
        sum8 = plusRow(sum8, start8 + quad, masks, x);
        sum9 = plusRow(sum9, start9 + quad, masks, x);
        sum10 = plusRow(sum10, start10 + quad, masks, x);
        sum11 = plusRow(sum11, start11 + quad, masks, x);
        sum12 = plusRow(sum12, start12 + quad, masks, x);
        sum13 = plusRow(sum13, start13 + quad, masks, x);
        sum14 = plusRow(sum14, start14 + quad, masks, x);
        sum15 = plusRow(sum15, start15 + quad, masks, x);
        sum16 = plusRow(sum16, start16 + quad, masks, x);
        sum17 = plusRow(sum17, start17 + quad, masks, x);
        sum18 = plusRow(sum18, start18 + quad, masks, x);
        sum19 = plusRow(sum19, start19 + quad, masks, x);
        sum20 = plusRow(sum20, start20 + quad, masks, x);
        sum21 = plusRow(sum21, start21 + quad, masks, x);
        sum22 = plusRow(sum22, start22 + quad, masks, x);
        sum23 = plusRow(sum23, start23 + quad, masks, x);
        sum24 = plusRow(sum24, start24 + quad, masks, x);
        sum25 = plusRow(sum25, start25 + quad, masks, x);
        sum26 = plusRow(sum26, start26 + quad, masks, x);
        sum27 = plusRow(sum27, start27 + quad, masks, x);
        sum28 = plusRow(sum28, start28 + quad, masks, x);
        sum29 = plusRow(sum29, start29 + quad, masks, x);
        sum30 = plusRow(sum30, start30 + quad, masks, x);
        sum31 = plusRow(sum31, start31 + quad, masks, x);
      }
      let tooMuch = 128f * (counted.x + counted.y + counted.z + counted.w);
      total0 += i32(sum0 - tooMuch);
      total1 += i32(sum1 - tooMuch);
      total2 += i32(sum2 - tooMuch);
      total3 += i32(sum3 - tooMuch);
      total4 += i32(sum4 - tooMuch);
      total5 += i32(sum5 - tooMuch);
      total6 += i32(sum6 - tooMuch);
      total7 += i32(sum7 - tooMuch);
      total8 += i32(sum8 - tooMuch);
      total9 += i32(sum9 - tooMuch);
      total10 += i32(sum10 - tooMuch);
      total11 += i32(sum11 - tooMuch);
      total12 += i32(sum12 - tooMuch);
      total13 += i32(sum13 - tooMuch);
      total14 += i32(sum14 - tooMuch);
      total15 += i32(sum15 - tooMuch);
      total16 += i32(sum16 - tooMuch);
      total17 += i32(sum17 - tooMuch);
      total18 += i32(sum18 - tooMuch);
      total19 += i32(sum19 - tooMuch);
      total20 += i32(sum20 - tooMuch);
      total21 += i32(sum21 - tooMuch);
      total22 += i32(sum22 - tooMuch);
      total23 += i32(sum23 - tooMuch);
      total24 += i32(sum24 - tooMuch);
      total25 += i32(sum25 - tooMuch);
      total26 += i32(sum26 - tooMuch);
      total27 += i32(sum27 - tooMuch);
      total28 += i32(sum28 - tooMuch);
      total29 += i32(sum29 - tooMuch);
      total30 += i32(sum30 - tooMuch);
      total31 += i32(sum31 - tooMuch);
    }
  }
  let totals = array<i32, 32>(
    total0, total1, total2, total3, total4, total5, total6, total7,
    total8, total9, total10, total11, total12, total13, total14, total15,
    total16, total17, total18, total19, total20, total21, total22, total23,
    total24, total25, total26, total27, total28, total29, total30, total31,
  );
  for (var at = 0u; at < min(32u, task.n - row); at++) {
    accumulators[row + at] = totals[at];
  }
}
