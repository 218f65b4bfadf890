// Sixteen activations, in one int8 plane or as high and low part (code = high * 128 + low), and what they give.
override planes: u32 = 1u;

struct Activations {
  high: Sixteen,
  low: Sixteen,
  // Their sum; only where weights have offsets.
  sum: Partial,
}

fn activationsOf(high: vec4u, low: vec4u) -> Activations {
  var x: Activations;
  x.high = sixteenOf(high);
  if (planes == 2u) {
    x.low = sixteenOf(low);
  }
  if (hasOffsets) {
    let ones = sixteenOf(vec4u(0x01010101u));
    x.sum = products(ones, x.high);
    if (planes == 2u) {
      x.sum = x.sum * 128 + products(ones, x.low);
    }
  }
  return x;
}

// Their part of the sum with sixteen weights of a row.
fn sixteenSum(w: Sixteen, factors: vec2i, x: Activations) -> Partial {
  var sum = products(w, x.high);
  if (planes == 2u) {
    sum = sum * 128 + products(w, x.low);
  }
  sum *= factors.x;
  if (hasOffsets) {
    sum += factors.y * x.sum;
  }
  return sum;
}
