// Rows of activations times rows of weights: accumulators = codes * weights^T over the integers.
//   codes: vec4<u32>[planes, m, 2 * groups]   sixteen int8 codes each, zero past k
//   weights and what belongs to them: see the form's own program
//   accumulators: i32[m, n]                   exact, modulo 2^32
@group(0) @binding(1) var<storage, read> codes: array<vec4u>;
