// The largest f32, by orderF32.wgsl; NaN if there is one, -infinity of nothing.
const notANumber: i32 = 0x7fffffff;
// -infinity.
const identity: i32 = -0x7f800001;

fn combine(a: Value, b: Value) -> Value {
  return max(a, b);
}
