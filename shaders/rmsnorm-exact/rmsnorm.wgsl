// Root-mean-square norm of integer rows, straight to int8 codes: rule S4 of the exact lane. The root only enters the
// scale of the row, never its codes.
//   h: i32[rows, n]                              the residual stream, n of at most 1024
//   weights: i32[n]                              within +-65535
//   codes: u32[planes, rows, 8 * ceil(n / 32)]   four codes to a word, zero past n
//   scales: u32[rows], exponents: i32[rows]
@group(0) @binding(1) var<storage, read> h: array<i32>;
@group(0) @binding(2) var<storage, read> weights: array<i32>;
@group(0) @binding(3) var<storage, read_write> codes: array<u32>;
@group(0) @binding(4) var<storage, read_write> scales: array<u32>;
@group(0) @binding(5) var<storage, read_write> exponents: array<i32>;

// |h| where -2^31 counts as -(2^31 - 1): the residual stream never holds it.
fn sizeOf(value: i32) -> u32 {
  return min(magnitudeOf(value), 0x7fffffffu);
}

// An element times its weight, in units that the whole row shares; zero past the row's end.
fn weighted(start: u32, at: u32, shift: u32) -> i32 {
  if (at >= task.n) {
    return 0;
  }
  let value = h[start + at];
  let weight = weights[at];
  let size = i32(mul64(sizeOf(value) << shift, min(magnitudeOf(weight), 65535u) << 16u).y);
  return select(size, -size, (value < 0) != (weight < 0));
}

// The largest r with r * r <= square.
fn rootOf(square: u32) -> u32 {
  var root = 0u;
  for (var bit = 0x8000u; bit > 0u; bit >>= 1u) {
    let next = root + bit;
    root = select(root, next, next * next <= square);
  }
  return root;
}

@compute @workgroup_size(lanes, 1, 1)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = task.firstRow + rowOf(group.y, local);
  if (row >= task.rows) {
    return;
  }
  let start = row * task.n;
  var most = 1u;
  for (var at = firstOf(local); at < task.n; at += stepOf()) {
    most = max(most, sizeOf(h[start + at]));
  }
  // The largest element comes to bit 30; its square, cut to 11 bits, fits the sum of 1024 of them.
  let shift = countLeadingZeros(maxOfRow(most, local)) - 1u;
  var squares = 0u;
  var mostWeighted = 0u;
  for (var at = firstOf(local); at < task.n; at += stepOf()) {
    let part = (sizeOf(h[start + at]) << shift) >> 20u;
    squares += part * part;
    mostWeighted = max(mostWeighted, magnitudeOf(weighted(start, at, shift)));
  }
  // A row of zeros has no square: 1 keeps the root from zero.
  let square = max(sumOfRow(squares, local), 1u);
  let even = countLeadingZeros(square) & 0xfffffffeu;
  let root = rootOf(square << even);
  let code = rowCodeOf(maxOfRow(mostWeighted, local));
  for (var word = firstOf(local); word < wordsOfRow(); word += stepOf()) {
    let at = word * 4u;
    storeCodes(row, word, vec4i(
      codeOf(weighted(start, at, shift), code, task.limit),
      codeOf(weighted(start, at + 1u, shift), code, task.limit),
      codeOf(weighted(start, at + 2u, shift), code, task.limit),
      codeOf(weighted(start, at + 3u, shift), code, task.limit),
    ));
  }
  if (firstOf(local) == 0u) {
    let exponent = code.exponent - 4 + i32(even / 2u);
    if (code.scale >= root) {
      scales[row] = (code.scale << 15u) / root;
      exponents[row] = exponent - 15;
    } else {
      scales[row] = (code.scale << 16u) / root;
      exponents[row] = exponent - 16;
    }
  }
}
