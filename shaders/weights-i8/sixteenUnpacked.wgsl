// Sixteen int8 codes unpacked by hand: for devices without packed_4x8_integer_dot_product, and for software adapters,
// whose dot4I8Packed is slower than this. Codes lie four to a word, low byte first.
// Byte `x` of four words, then byte `y`, `z` and `w`.
struct Sixteen {
  x: vec4i,
  y: vec4i,
  z: vec4i,
  w: vec4i,
}
// A part of a sum, to be added up by totalOf.
alias Partial = vec4i;

fn sixteenOf(words: vec4u) -> Sixteen {
  let bits = bitcast<vec4i>(words);
  return Sixteen(
    (bits << vec4u(24u)) >> vec4u(24u),
    (bits << vec4u(16u)) >> vec4u(24u),
    (bits << vec4u(8u)) >> vec4u(24u),
    bits >> vec4u(24u),
  );
}

// Modulo 2^32, as all sums here.
fn products(a: Sixteen, b: Sixteen) -> Partial {
  return a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w;
}

fn totalOf(part: Partial) -> i32 {
  return part.x + part.y + part.z + part.w;
}
