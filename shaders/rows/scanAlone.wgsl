// Prefix sums of rowAlone.wgsl.
struct Place {
  @builtin(num_workgroups) unused: vec3u,
}

struct Prefix {
  // The sum of the invocations at lower positions.
  before: Value,
  // The sum of all invocations.
  all: Value,
}

// Which of stepOf() neighbouring elements this invocation works on.
fn positionOf(local: u32, place: Place) -> u32 {
  return 0u;
}

fn prefixOf(value: Value, local: u32, place: Place) -> Prefix {
  return Prefix(identity, value);
}
