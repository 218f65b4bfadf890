// The least f32, by orderF32.wgsl; NaN if there is one, infinity of nothing.
const notANumber: i32 = -0x7fffffff - 1;
// Infinity.
const identity: i32 = 0x7f800000;

fn combine(a: Value, b: Value) -> Value {
  return min(a, b);
}
