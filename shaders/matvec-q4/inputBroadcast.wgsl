// Eight neighbouring fours of x, which the whole subgroup needs: each invocation reads two of them and the first four hand
// theirs round. Right for every subgroup size from 4 up, because all invocations of a workgroup work on the same block.
// One read instead of four: software adapters pay for each.
struct Place {
  @builtin(subgroup_invocation_id) lane: u32,
}

fn combineRow(value: Value, local: u32, place: Place) -> Value {
  return value;
}

fn inputOf(block: u32, place: Place) -> Input {
  let at = block * 8u + (place.lane & 3u);
  let own = fourOfX(at);
  let own2 = fourOfX(at + 4u);
  return Input(
    array(
      subgroupBroadcast(own, 0u),
      subgroupBroadcast(own, 1u),
      subgroupBroadcast(own, 2u),
      subgroupBroadcast(own, 3u),
    ),
    array(
      subgroupBroadcast(own2, 0u),
      subgroupBroadcast(own2, 1u),
      subgroupBroadcast(own2, 2u),
      subgroupBroadcast(own2, 3u),
    ),
  );
}
