// A group of 32 activations, in one int8 plane or as high and low part (code = high * 128 + low), and what it gives.
override planes: u32 = 1u;

struct Activations {
  high: Sixteen,
  high2: Sixteen,
  low: Sixteen,
  low2: Sixteen,
  // The sum of the activations; only where weights have offsets.
  sum: Partial,
}

// `first` is where the group lies in the first plane of `codes`, and `second` in the second one.
fn activationsOf(high: vec4u, high2: vec4u, low: vec4u, low2: vec4u) -> Activations {
  var x: Activations;
  x.high = sixteenOf(high);
  x.high2 = sixteenOf(high2);
  if (planes == 2u) {
    x.low = sixteenOf(low);
    x.low2 = sixteenOf(low2);
  }
  if (hasOffsets) {
    let ones = sixteenOf(vec4u(0x01010101u));
    x.sum = products(ones, x.high) + products(ones, x.high2);
    if (planes == 2u) {
      x.sum = x.sum * 128 + products(ones, x.low) + products(ones, x.low2);
    }
  }
  return x;
}

// The group's part of a row's sum.
fn groupSum(w: Sixteen, w2: Sixteen, factors: vec2i, x: Activations) -> Partial {
  var sum = products(w, x.high) + products(w2, x.high2);
  if (planes == 2u) {
    sum = sum * 128 + products(w, x.low) + products(w2, x.low2);
  }
  sum *= factors.x;
  if (hasOffsets) {
    sum += factors.y * x.sum;
  }
  return sum;
}
