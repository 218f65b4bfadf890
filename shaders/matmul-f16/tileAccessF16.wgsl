enable f16;

// What the tiles of matmul-f32 read of a and b and store of c, where these are f16; sums are f32.
//   a: f16[m, k]   b: f16[k, n]   c: f16[m, n]
@group(0) @binding(1) var<storage, read> a: array<f16>;
@group(0) @binding(2) var<storage, read> b: array<f16>;
@group(0) @binding(3) var<storage, read_write> c: array<f16>;

fn elementOfA(start: u32, t: u32) -> f32 {
  if (t < task.k) {
    return f32(a[start + t]);
  }
  return 0f;
}

// Four neighbouring elements of a row of a, zero past k. Rows past the edge are the last one: nobody stores their sums.
fn quadOfA(row: u32, t: u32) -> vec4f {
  let start = min(row, task.m - 1u) * task.k;
  return vec4f(
    elementOfA(start, t), elementOfA(start, t + 1u), elementOfA(start, t + 2u), elementOfA(start, t + 3u),
  );
}

// Four neighbouring elements of a row of b, zero past k; columns past the edge are the last one.
fn quadOfB(t: u32, column: u32) -> vec4f {
  if (t >= task.k) {
    return vec4f();
  }
  let start = t * task.n;
  let last = task.n - 1u;
  return vec4f(
    f32(b[start + min(column, last)]),
    f32(b[start + min(column + 1u, last)]),
    f32(b[start + min(column + 2u, last)]),
    f32(b[start + min(column + 3u, last)]),
  );
}

// One of them.
fn elementOfB(t: u32, column: u32) -> f32 {
  if (t >= task.k) {
    return 0f;
  }
  return f32(b[t * task.n + min(column, task.n - 1u)]);
}

// `start` is where a row of c starts.
fn storeElement(start: u32, column: u32, value: f32) {
  if (column < task.n) { c[start + column] = f16(value); }
}

fn store(row: u32, column: u32, values: vec4f) {
  if (row >= task.m) {
    return;
  }
  let start = row * task.n;
  storeElement(start, column, values.x);
  storeElement(start, column + 1u, values.y);
  storeElement(start, column + 2u, values.z);
  storeElement(start, column + 3u, values.w);
}
