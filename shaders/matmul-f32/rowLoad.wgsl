// Four neighbouring elements of a row of a, read by every invocation.
struct Place {
  @builtin(num_workgroups) unused: vec3u,
}

fn fourOfRow(start: u32, place: Place) -> vec4f {
  return vec4f(a[start], a[start + 1u], a[start + 2u], a[start + 3u]);
}
