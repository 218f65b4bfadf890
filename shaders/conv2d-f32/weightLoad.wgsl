// The weights of four outputs, read by every invocation.
struct Place {
  @builtin(num_workgroups) unused: vec3u,
}

fn ownStarts(starts: vec4u, place: Place) -> vec4u {
  return starts;
}

fn fourWeights(starts: vec4u, offset: u32) -> vec4f {
  let at = starts + offset;
  return vec4f(weights[at.x], weights[at.y], weights[at.z], weights[at.w]);
}
