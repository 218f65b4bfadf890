enable subgroups;

// Four neighbouring elements of a row of a, which the whole subgroup needs: each invocation reads one of them and the
// first four hand theirs round. Right for every subgroup size from 4 up (the smallest that WebGPU allows), because
// all invocations of a workgroup work on the same rows. One read instead of four: software adapters pay for each.
struct Place {
  @builtin(subgroup_invocation_id) lane: u32,
}

fn fourOfRow(start: u32, place: Place) -> vec4f {
  let own = a[start + (place.lane & 3u)];
  return vec4f(
    subgroupBroadcast(own, 0u),
    subgroupBroadcast(own, 1u),
    subgroupBroadcast(own, 2u),
    subgroupBroadcast(own, 3u),
  );
}
