// Four sums of rowAlone.wgsl at once.
fn sumsOfRow(values: vec4i, local: u32) -> vec4i {
  return values;
}
