// A workgroup of `lanes` invocations (a power of two) works on one row and meets in workgroup memory.
override lanes: u32 = 64u;

var<workgroup> sharedByRow: array<u32, lanes>;

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

// Of all invocations; every one of them gets it.
fn maxOfRow(value: u32, local: u32) -> u32 {
  sharedByRow[local] = value;
  workgroupBarrier();
  for (var half = lanes / 2u; half > 0u; half >>= 1u) {
    if (local < half) {
      sharedByRow[local] = max(sharedByRow[local], sharedByRow[local + half]);
    }
    workgroupBarrier();
  }
  return workgroupUniformLoad(&sharedByRow[0]);
}

// Of all invocations, modulo 2^32; every one of them gets it.
fn sumOfRow(value: u32, local: u32) -> u32 {
  sharedByRow[local] = value;
  workgroupBarrier();
  for (var half = lanes / 2u; half > 0u; half >>= 1u) {
    if (local < half) {
      sharedByRow[local] += sharedByRow[local + half];
    }
    workgroupBarrier();
  }
  return workgroupUniformLoad(&sharedByRow[0]);
}
