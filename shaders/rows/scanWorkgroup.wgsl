// Prefix sums of rowWorkgroup.wgsl.
struct Place {
  @builtin(num_workgroups) unused: vec3u,
}

struct Prefix {
  // The sum of the invocations at lower positions.
  before: Value,
  // The sum of all invocations.
  all: Value,
}

var<workgroup> sharedValues: array<Value, lanes>;

// Which of stepOf() neighbouring elements this invocation works on.
fn positionOf(local: u32, place: Place) -> u32 {
  return local;
}

fn prefixOf(value: Value, local: u32, place: Place) -> Prefix {
  sharedValues[local] = value;
  workgroupBarrier();
  for (var distance = 1u; distance < lanes; distance <<= 1u) {
    var sum = sharedValues[local];
    if (local >= distance) {
      sum = combine(sharedValues[local - distance], sum);
    }
    workgroupBarrier();
    sharedValues[local] = sum;
    workgroupBarrier();
  }
  var prefix = Prefix(identity, sharedValues[lanes - 1u]);
  if (local > 0u) {
    prefix.before = sharedValues[local - 1u];
  }
  // The next call writes what other invocations may still read.
  workgroupBarrier();
  return prefix;
}
