// Four sums of rowSubgroup.wgsl at once. A workgroup may ask once: the shared words are not set to zero again.
var<workgroup> sharedSums: array<atomic<i32>, 4>;

// Of all invocations, modulo 2^32; every one of them gets it.
fn sumsOfRow(values: vec4i, local: u32) -> vec4i {
  let sums = subgroupAdd(values);
  if (subgroupElect()) {
    atomicAdd(&sharedSums[0], sums.x);
    atomicAdd(&sharedSums[1], sums.y);
    atomicAdd(&sharedSums[2], sums.z);
    atomicAdd(&sharedSums[3], sums.w);
  }
  workgroupBarrier();
  return vec4i(
    atomicLoad(&sharedSums[0]),
    atomicLoad(&sharedSums[1]),
    atomicLoad(&sharedSums[2]),
    atomicLoad(&sharedSums[3]),
  );
}
