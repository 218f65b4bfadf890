// c = a * b through workgroup memory: 16 x 16 invocations compute 64 x 64 of c, each 4 rows x 4 columns.
//   aQuads: u32[m, ceil(k/4)]  four neighbouring k of a row of a, zero past k
//   bQuads: u32[ceil(k/4), n]  four neighbouring k of a column of b, zero past k
//   c:      i32[m, n]
@group(0) @binding(1) var<storage, read> aQuads: array<u32>;
@group(0) @binding(2) var<storage, read> bQuads: array<u32>;
@group(0) @binding(3) var<storage, read_write> c: array<i32>;

// One step holds 16 quads, 64 of k. aTile[q * 16 + r]: quad q of the rows 4r .. 4r+3.
var<workgroup> aTile: array<vec4u, 256>;
// bTile[q * 16 + x]: quad q of the columns 4x .. 4x+3.
var<workgroup> bTile: array<vec4u, 256>;

fn readA(row: u32, q: u32, quads: u32) -> u32 {
  if (row < task.m && q < quads) {
    return aQuads[row * quads + q];
  }
  return 0u;
}

fn readB(q: u32, column: u32, quads: u32) -> u32 {
  if (q < quads && column < task.n) {
    return bQuads[q * task.n + column];
  }
  return 0u;
}

fn store(row: u32, column: u32, values: vec4i) {
  if (row >= task.m) {
    return;
  }
  let start = row * task.n + column;
  if (column < task.n) { c[start] = values.x; }
  if (column + 1u < task.n) { c[start + 1u] = values.y; }
  if (column + 2u < task.n) { c[start + 2u] = values.z; }
  if (column + 3u < task.n) { c[start + 3u] = values.w; }
}

@compute @workgroup_size(16, 16, 1)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let quads = (task.k + 3u) / 4u;
  let tileRow = task.firstRow + group.y * 64u;
  let tileColumn = task.firstColumn + group.x * 64u;
  // Neighbouring invocations read neighbouring words: along k for a, along n for b.
  let aRow = tileRow + local.y * 4u;
  let bColumn = tileColumn + local.x * 4u;
  var sum0 = vec4i();
  var sum1 = vec4i();
  var sum2 = vec4i();
  var sum3 = vec4i();
  for (var first = 0u; first < quads; first += 16u) {
    let aQuad = first + local.x;
    aTile[local.x * 16u + local.y] = vec4u(
      readA(aRow, aQuad, quads),
      readA(aRow + 1u, aQuad, quads),
      readA(aRow + 2u, aQuad, quads),
      readA(aRow + 3u, aQuad, quads),
    );
    let bQuad = first + local.y;
    bTile[index] = vec4u(
      readB(bQuad, bColumn, quads),
      readB(bQuad, bColumn + 1u, quads),
      readB(bQuad, bColumn + 2u, quads),
      readB(bQuad, bColumn + 3u, quads),
    );
    workgroupBarrier();
    for (var q = 0u; q < 16u; q++) {
      let a = aTile[q * 16u + local.y];
      let b = columnsOf(bTile[q * 16u + local.x]);
      sum0 += dotRow(quadOf(a.x), b);
      sum1 += dotRow(quadOf(a.y), b);
      sum2 += dotRow(quadOf(a.z), b);
      sum3 += dotRow(quadOf(a.w), b);
    }
    workgroupBarrier();
  }
  store(aRow, bColumn, sum0);
  store(aRow + 1u, bColumn, sum1);
  store(aRow + 2u, bColumn, sum2);
  store(aRow + 3u, bColumn, sum3);
}
