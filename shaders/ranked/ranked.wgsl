// Elements by rank: larger numbers first, of equal ones the lower index. Both zeros are equal, and NaN is larger than
// all numbers. Exact on every device, because numbers are compared as integers of the same order.
struct Ranked {
  // 0 is below -infinity: nothing.
  order: u32,
  index: u32,
}
alias Value = Ranked;
const identity = Ranked(0u, 0xffffffffu);

// The order of an f32 given as a word.
fn orderOf(word: u32) -> u32 {
  if ((word & 0x7fffffffu) > 0x7f800000u) {
    return 0xffffffffu;
  }
  let plain = select(word, 0u, word == 0x80000000u);
  return select(plain | 0x80000000u, ~plain, plain >= 0x80000000u);
}

fn isBefore(a: Value, b: Value) -> bool {
  return a.order > b.order || (a.order == b.order && a.index < b.index);
}

fn combine(a: Value, b: Value) -> Value {
  if (isBefore(a, b)) {
    return a;
  }
  return b;
}
