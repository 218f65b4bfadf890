// Four neighbouring elements of a row of x, which the whole subgroup needs, zero past k: each invocation reads one of them
// and the first four hand theirs round. Right for every subgroup size from 4 up, because all invocations of a workgroup
// work on the same rows.
struct Place {
  @builtin(subgroup_invocation_id) lane: u32,
}

fn fourOfRow(start: u32, t: u32, place: Place) -> vec4f {
  let own = t + (place.lane & 3u);
  let value = select(0f, x[start + own], own < task.k);
  return vec4f(
    subgroupBroadcast(value, 0u),
    subgroupBroadcast(value, 1u),
    subgroupBroadcast(value, 2u),
    subgroupBroadcast(value, 3u),
  );
}
