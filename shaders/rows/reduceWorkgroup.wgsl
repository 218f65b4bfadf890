// Reductions of rowWorkgroup.wgsl by any `combine`.
struct Place {
  @builtin(num_workgroups) unused: vec3u,
}

var<workgroup> sharedValues: array<Value, lanes>;

// Of all invocations; every one of them gets it.
fn combineRow(value: Value, local: u32, place: Place) -> Value {
  sharedValues[local] = value;
  workgroupBarrier();
  for (var half = lanes / 2u; half > 0u; half >>= 1u) {
    if (local < half) {
      sharedValues[local] = combine(sharedValues[local], sharedValues[local + half]);
    }
    workgroupBarrier();
  }
  return sharedValues[0];
}

// Before a workgroup reduces once more: other invocations may still read what the next reduction writes.
fn beforeNextReduction() {
  workgroupBarrier();
}
