// Rows of integers become int8 codes with one scale a row: rule S3 of the exact lane.
//   x: i32[rows, n]
//   codes: u32[planes, rows, 8 * ceil(n / 32)]   four codes to a word, zero past n
//   scales: u32[rows], exponents: i32[rows]      x is about code * scale * 2^exponent / limit
@group(0) @binding(1) var<storage, read> x: array<i32>;
@group(0) @binding(2) var<storage, read_write> codes: array<u32>;
@group(0) @binding(3) var<storage, read_write> scales: array<u32>;
@group(0) @binding(4) var<storage, read_write> exponents: array<i32>;

// Zero past the row's end.
fn elementOf(start: u32, at: u32) -> i32 {
  if (at < task.n) {
    return x[start + at];
  }
  return 0;
}

@compute @workgroup_size(lanes, 1, 1)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = task.firstRow + rowOf(group.y, local);
  if (row >= task.rows) {
    return;
  }
  let start = row * task.n;
  var most = 0u;
  for (var at = firstOf(local); at < task.n; at += stepOf()) {
    most = max(most, magnitudeOf(x[start + at]));
  }
  let code = rowCodeOf(maxOfRow(most, local));
  for (var word = firstOf(local); word < wordsOfRow(); word += stepOf()) {
    let at = word * 4u;
    storeCodes(row, word, vec4i(
      codeOf(elementOf(start, at), code, task.limit),
      codeOf(elementOf(start, at + 1u), code, task.limit),
      codeOf(elementOf(start, at + 2u), code, task.limit),
      codeOf(elementOf(start, at + 3u), code, task.limit),
    ));
  }
  if (firstOf(local) == 0u) {
    scales[row] = code.scale;
    exponents[row] = code.exponent;
  }
}
