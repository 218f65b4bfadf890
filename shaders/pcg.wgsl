// The PCG output permutation of protocol/seededInputs.ts, bit for bit (O'Neill 2014, RXS-M-XS on 32 bits).
fn pcg(x: u32) -> u32 {
  let s = x * 747796405u + 2891336453u;
  let w = ((s >> ((s >> 28u) + 4u)) ^ s) * 277803737u;
  return (w >> 22u) ^ w;
}
