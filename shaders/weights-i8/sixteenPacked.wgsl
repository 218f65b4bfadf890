requires packed_4x8_integer_dot_product;

// Sixteen int8 codes with the hardware's dot product. Codes lie four to a word, low byte first.
alias Sixteen = vec4u;
// A part of a sum, to be added up by totalOf.
alias Partial = i32;

fn sixteenOf(words: vec4u) -> Sixteen {
  return words;
}

// Modulo 2^32, as all sums here.
fn products(a: Sixteen, b: Sixteen) -> Partial {
  return dot4I8Packed(a.x, b.x) + dot4I8Packed(a.y, b.y) + dot4I8Packed(a.z, b.z) + dot4I8Packed(a.w, b.w);
}

fn totalOf(part: Partial) -> i32 {
  return part;
}
