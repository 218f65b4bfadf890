// Sixteen codes of each of four rows, which the whole subgroup needs: each invocation reads one row's and the first four
// hand theirs round. Right for every subgroup size from 4 up (the smallest that WebGPU allows), because all invocations
// of a workgroup work on the same rows.
struct Place {
  @builtin(subgroup_invocation_id) lane: u32,
}

struct FourRows {
  a: vec4u,
  b: vec4u,
  c: vec4u,
  d: vec4u,
}

// `starts`: where the four rows begin in `codes`; `at`: the same place in each.
fn fourRows(starts: vec4u, at: u32, place: Place) -> FourRows {
  let pair = select(starts.xy, starts.zw, (place.lane & 2u) != 0u);
  let own = codes[select(pair.x, pair.y, (place.lane & 1u) != 0u) + at];
  return FourRows(
    subgroupBroadcast(own, 0u),
    subgroupBroadcast(own, 1u),
    subgroupBroadcast(own, 2u),
    subgroupBroadcast(own, 3u),
  );
}
