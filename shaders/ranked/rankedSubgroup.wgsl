// The first of a subgroup's values. Comes after a directive that enables subgroups.
fn combineSubgroup(value: Value) -> Value {
  let most = subgroupMax(value.order);
  return Ranked(most, subgroupMin(select(0xffffffffu, value.index, value.order == most)));
}
