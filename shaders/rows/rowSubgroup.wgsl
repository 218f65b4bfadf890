// A workgroup of `lanes` invocations works on one row: each subgroup reduces by itself, then its first invocation meets
// the others in one atomic word. Right for every subgroup size and for subgroups that are not full, because integers
// may be added in any order. Comes after enableSubgroups.wgsl.
override lanes: u32 = 64u;

// Zero between two reductions.
var<workgroup> sharedByRow: atomic<u32>;

fn rowOf(group: u32, local: u32) -> u32 {
  return group;
}

// The elements of the row that this invocation looks at: from firstOf(local), each stepOf() apart.
fn firstOf(local: u32) -> u32 {
  return local;
}

fn stepOf() -> u32 {
  return lanes;
}

fn sharedThenZero(local: u32) -> u32 {
  workgroupBarrier();
  let result = atomicLoad(&sharedByRow);
  workgroupBarrier();
  if (local == 0u) {
    atomicStore(&sharedByRow, 0u);
  }
  workgroupBarrier();
  return result;
}

// Of all invocations; every one of them gets it.
fn maxOfRow(value: u32, local: u32) -> u32 {
  let most = subgroupMax(value);
  if (subgroupElect()) {
    atomicMax(&sharedByRow, most);
  }
  return sharedThenZero(local);
}

// Of all invocations, modulo 2^32; every one of them gets it.
fn sumOfRow(value: u32, local: u32) -> u32 {
  let sum = subgroupAdd(value);
  if (subgroupElect()) {
    atomicAdd(&sharedByRow, sum);
  }
  return sharedThenZero(local);
}
