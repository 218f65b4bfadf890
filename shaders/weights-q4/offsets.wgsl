// Offsets as they are.
//   offsets: f32[n, blocks]
@group(0) @binding(3) var<storage, read> offsets: array<f32>;

fn offsetOf(row: u32, block: u32, scale: f32) -> f32 {
  return offsets[row * task.blocks + block];
}
