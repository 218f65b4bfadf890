// One invocation works on a whole row: nothing is shared, and there are no barriers.
override lanes: u32 = 32u;

fn rowOf(group: u32, local: u32) -> u32 {
  return group * lanes + local;
}

// The elements of the row that this invocation looks at: from firstOf(local), each stepOf() apart.
fn firstOf(local: u32) -> u32 {
  return 0u;
}

fn stepOf() -> u32 {
  return 1u;
}

fn maxOfRow(value: u32, local: u32) -> u32 {
  return value;
}

// Modulo 2^32.
fn sumOfRow(value: u32, local: u32) -> u32 {
  return value;
}
