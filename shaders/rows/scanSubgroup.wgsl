// Prefix sums of a workgroup that works on one row, each subgroup by itself first. Right for every subgroup size from 4
// up, for subgroups that are not full and wherever the device puts an invocation: positions are counted, not assumed.
// Comes after enableSubgroupId.wgsl.
override lanes: u32 = 64u;

struct Place {
  @builtin(subgroup_id) subgroup: u32,
  @builtin(num_subgroups) subgroups: u32,
}

struct Prefix {
  // The sum of the invocations at lower positions.
  before: Value,
  // The sum of all invocations.
  all: Value,
}

// One for each subgroup; a workgroup has lanes / 4 of them at most.
var<workgroup> sharedValues: array<Value, lanes / 4u>;
var<workgroup> sharedCounts: array<u32, lanes / 4u>;

fn rowOf(group: u32, local: u32) -> u32 {
  return group;
}

fn firstOf(local: u32) -> u32 {
  return local;
}

fn stepOf() -> u32 {
  return lanes;
}

// Which of stepOf() neighbouring elements this invocation works on: subgroups in order, and their invocations in order.
fn positionOf(local: u32, place: Place) -> u32 {
  let count = subgroupAdd(1u);
  let within = subgroupExclusiveAdd(1u);
  if (subgroupElect()) {
    sharedCounts[place.subgroup] = count;
  }
  workgroupBarrier();
  var position = within;
  for (var at = 0u; at < place.subgroup; at++) {
    position += sharedCounts[at];
  }
  return position;
}

fn prefixOf(value: Value, local: u32, place: Place) -> Prefix {
  let own = subgroupAdd(value);
  let within = subgroupExclusiveAdd(value);
  if (subgroupElect()) {
    sharedValues[place.subgroup] = own;
  }
  workgroupBarrier();
  var prefix = Prefix(identity, identity);
  for (var at = 0u; at < place.subgroups; at++) {
    if (at == place.subgroup) {
      prefix.before = combine(prefix.all, within);
    }
    prefix.all = combine(prefix.all, sharedValues[at]);
  }
  // The next call writes what other invocations may still read.
  workgroupBarrier();
  return prefix;
}
