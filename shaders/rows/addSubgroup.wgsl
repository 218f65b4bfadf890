// What a subgroup makes of its invocations' values. Comes after a directive that enables subgroups.
fn combineSubgroup(value: Value) -> Value {
  return subgroupAdd(value);
}
