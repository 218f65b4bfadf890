struct Task {
  height: u32,
  width: u32,
  kernelHeight: u32,
  kernelWidth: u32,
  strideY: u32,
  strideX: u32,
  padTop: u32,
  padLeft: u32,
  groups: u32,
  groupChannels: u32,
  groupOutputs: u32,
  outHeight: u32,
  outWidth: u32,
  firstRow: u32,
  firstColumn: u32,
}
@group(0) @binding(0) var<uniform> task: Task;
