/** Keys u32[n] in ascending order, and the values u32[n] that go with them; equal keys keep their order. */
export function sortU32Reference(
  keys: Uint32Array,
  values: Uint32Array,
): { sortedKeys: Uint32Array<ArrayBuffer>; sortedValues: Uint32Array<ArrayBuffer> } {
  const order = Array.from(keys, (_, at) => at).sort((a, b) => keys[a]! - keys[b]! || a - b)
  return {
    sortedKeys: Uint32Array.from(order, (at) => keys[at]!),
    sortedValues: values.length === 0 ? new Uint32Array(0) : Uint32Array.from(order, (at) => values[at]!),
  }
}
