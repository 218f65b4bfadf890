// Four sums of rowWorkgroup.wgsl at once.
var<workgroup> sharedSums: array<vec4i, lanes>;

// Of all invocations, modulo 2^32; every one of them gets it.
fn sumsOfRow(values: vec4i, local: u32) -> vec4i {
  sharedSums[local] = values;
  workgroupBarrier();
  for (var half = lanes / 2u; half > 0u; half >>= 1u) {
    if (local < half) {
      sharedSums[local] += sharedSums[local + half];
    }
    workgroupBarrier();
  }
  return workgroupUniformLoad(&sharedSums[0]);
}
