// Sixteen codes of each of four rows, read by every invocation.
struct Place {
  @builtin(num_workgroups) unused: vec3u,
}

struct FourRows {
  a: vec4u,
  b: vec4u,
  c: vec4u,
  d: vec4u,
}

// `starts`: where the four rows begin in `codes`; `at`: the same place in each.
fn fourRows(starts: vec4u, at: u32, place: Place) -> FourRows {
  return FourRows(codes[starts.x + at], codes[starts.y + at], codes[starts.z + at], codes[starts.w + at]);
}
