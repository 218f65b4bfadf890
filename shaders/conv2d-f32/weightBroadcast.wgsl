// The weights of four outputs, which the whole subgroup needs: each invocation reads one of them and the first four hand
// theirs round. Right for every subgroup size from 4 up, because all invocations of a workgroup work on the same outputs.
struct Place {
  @builtin(subgroup_invocation_id) lane: u32,
}

fn ownStarts(starts: vec4u, place: Place) -> vec4u {
  return vec4u(starts[place.lane & 3u]);
}

fn fourWeights(starts: vec4u, offset: u32) -> vec4f {
  let own = weights[starts.x + offset];
  return vec4f(
    subgroupBroadcast(own, 0u),
    subgroupBroadcast(own, 1u),
    subgroupBroadcast(own, 2u),
    subgroupBroadcast(own, 3u),
  );
}
