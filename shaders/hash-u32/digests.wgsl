// hash-u32: a digest of 128 bits of a buffer of 32-bit words, by integer arithmetic alone, in the shape of a tree.
//
// It finds faults, not forgers: two buffers that differ by accident have the same digest once in 2^128, but whoever
// wants to can make two such buffers. Where that matters, use SHA-256.
//
// Definition, over u32 modulo 2^32:
//   mix(v)       pcg4d of Jarzynski and Olano, "Hash Functions for GPU Rendering" (2020): one to one on 128 bits.
//   leaf i       of 64 words, zeros past the end: d = (0x6c656166, 0, 0, 0), then d = mix(d ^ q) for each of its 16
//                quads q of words. An empty buffer has one leaf.
//   node(a, b)   mix(mix(a ^ (0x6e6f6465, 0, 0, 0)) ^ b)
//   tree         neighbours pair up, level by level, from the left; the last of an odd level goes up as it is. This is
//                the shape of RFC 6962: 2^k leaves that begin at a multiple of 2^k are a subtree, whatever comes after.
//   digest       mix(top ^ mix((0x726f6f74, n, 0, 0))), n the number of words
fn mix128(value: vec4u) -> vec4u {
  var v = value * 1664525u + 1013904223u;
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  v ^= v >> vec4u(16u);
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  return v;
}

fn nodeOf(left: vec4u, right: vec4u) -> vec4u {
  return mix128(mix128(left ^ vec4u(0x6e6f6465u, 0u, 0u, 0u)) ^ right);
}

// What the last pass makes of the top of the tree; a node of the others is left as it is.
fn finished(top: vec4u) -> vec4u {
  if (task.last == 1u) {
    return mix128(top ^ mix128(vec4u(0x726f6f74u, task.n, 0u, 0u)));
  }
  return top;
}
