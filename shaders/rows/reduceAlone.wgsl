// Reductions of rowAlone.wgsl by any `combine`.
struct Place {
  @builtin(num_workgroups) unused: vec3u,
}

fn combineRow(value: Value, local: u32, place: Place) -> Value {
  return value;
}

// Before a workgroup reduces once more.
fn beforeNextReduction() {
}
