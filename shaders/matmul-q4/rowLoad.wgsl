// Four neighbouring elements of a row of x, read by every invocation; zero past k.
struct Place {
  @builtin(num_workgroups) unused: vec3u,
}

fn fourOfRow(start: u32, t: u32, place: Place) -> vec4f {
  let at = start + t;
  let inRow = vec4u(t) + vec4u(0u, 1u, 2u, 3u) < vec4u(task.k);
  return select(vec4f(), vec4f(x[at], x[at + 1u], x[at + 2u], x[at + 3u]), inRow);
}
