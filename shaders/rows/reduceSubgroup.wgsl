// Reductions of a workgroup that works on one row by any `combine`, each subgroup by itself first (`combineSubgroup`).
// Right for every subgroup size from 4 up. Comes after enableSubgroupId.wgsl.
override lanes: u32 = 64u;

struct Place {
  @builtin(subgroup_id) subgroup: u32,
  @builtin(num_subgroups) subgroups: u32,
}

// One for each subgroup; a workgroup has lanes / 4 of them at most.
var<workgroup> sharedValues: array<Value, lanes / 4u>;

fn rowOf(group: u32, local: u32) -> u32 {
  return group;
}

fn firstOf(local: u32) -> u32 {
  return local;
}

fn stepOf() -> u32 {
  return lanes;
}

// Of all invocations, in the order of the subgroups; every one of them gets it.
fn combineRow(value: Value, local: u32, place: Place) -> Value {
  let own = combineSubgroup(value);
  if (subgroupElect()) {
    sharedValues[place.subgroup] = own;
  }
  workgroupBarrier();
  var all = sharedValues[0];
  for (var at = 1u; at < place.subgroups; at++) {
    all = combine(all, sharedValues[at]);
  }
  return all;
}

// Before a workgroup reduces once more: other invocations may still read what the next reduction writes.
fn beforeNextReduction() {
  workgroupBarrier();
}
