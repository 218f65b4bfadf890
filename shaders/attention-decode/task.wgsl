struct Task {
  keys: u32,
  kvHeads: u32,
  group: u32,
  width: u32,
  // Keys that are seen: the last ones.
  visible: u32,
  // Parts of `chunk` of them.
  splits: u32,
  chunk: u32,
  scale: f32,
  firstRow: u32,
  firstColumn: u32,
}
@group(0) @binding(0) var<uniform> task: Task;

fn headsOf() -> u32 {
  return task.kvHeads * task.group;
}

// Vec4s of a head.
fn quadsOf() -> u32 {
  return task.width / 4u;
}

// Where the row of a key, counted from the first one that is seen, begins for a head of queries; past the end it is
// the last key.
fn startOf(key: u32, head: u32) -> u32 {
  let row = min(task.keys - task.visible + key, task.keys - 1u);
  return (row * task.kvHeads + head / task.group) * quadsOf();
}
