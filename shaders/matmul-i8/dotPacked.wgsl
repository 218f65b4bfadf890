requires packed_4x8_integer_dot_product;

// Dot products of four i8 pairs with the hardware's instruction. A quad is four i8 in a u32, low byte first.
alias Quad = u32;

// The quads of four columns of b.
struct Columns {
  quads: vec4u,
}

fn quadOf(packed: u32) -> Quad {
  return packed;
}

fn columnsOf(packed: vec4u) -> Columns {
  return Columns(packed);
}

// One quad of a times the quads of four columns of b; exact, sums wrap modulo 2^32.
fn dotRow(a: Quad, b: Columns) -> vec4i {
  return vec4i(
    dot4I8Packed(a, b.quads.x),
    dot4I8Packed(a, b.quads.y),
    dot4I8Packed(a, b.quads.z),
    dot4I8Packed(a, b.quads.w),
  );
}
