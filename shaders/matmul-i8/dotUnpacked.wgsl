// Dot products of four i8 pairs, unpacked by hand: for devices without packed_4x8_integer_dot_product, and for
// software adapters, whose dot4I8Packed is slower than this. A packed quad is four i8 in a u32, low byte first.
alias Quad = vec4i;

// Byte `x` of four columns of b, then byte `y`, `z` and `w`.
struct Columns {
  x: vec4i,
  y: vec4i,
  z: vec4i,
  w: vec4i,
}

fn quadOf(packed: u32) -> Quad {
  return bitcast<vec4i>(vec4u(packed) << vec4u(24u, 16u, 8u, 0u)) >> vec4u(24u);
}

fn columnsOf(packed: vec4u) -> Columns {
  let bits = bitcast<vec4i>(packed);
  return Columns(
    (bits << vec4u(24u)) >> vec4u(24u),
    (bits << vec4u(16u)) >> vec4u(24u),
    (bits << vec4u(8u)) >> vec4u(24u),
    bits >> vec4u(24u),
  );
}

// One quad of a times the quads of four columns of b; exact, sums wrap modulo 2^32.
fn dotRow(a: Quad, b: Columns) -> vec4i {
  return a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w;
}
