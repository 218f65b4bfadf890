// What a subgroup makes of its invocations' sums. Comes after a directive that enables subgroups.
fn combineSubgroup(value: Value) -> Value {
  let most = subgroupMax(value.most);
  return OnlineSum(most, subgroupAdd(value.sum * powerOf(value.most - most)));
}
