// Four sums of f32 at once, for the reductions of the row families: those of four neighbouring rows.
alias Value = vec4f;

fn combine(a: Value, b: Value) -> Value {
  return a + b;
}
