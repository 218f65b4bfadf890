/** Limits on ONNX files, each with its unit and reason. */

/** Largest ONNX file, bytes: a tab holds the file and the session's copy of it in a 4 GiB WebAssembly memory. */
export const MAX_MODEL_BYTES = 1024 * 1024 * 1024
/** Most nodes of a file, subgraphs included. The largest exporters' graphs have some 20,000. */
export const MAX_NODES = 50_000
/** Most inputs or outputs of one node. A Concat of all layers has some hundreds. */
export const MAX_NODE_TENSORS = 4096
/** ONNX IR versions that ONNX Runtime Web 1.30 loads. */
export const IR_VERSIONS = { from: 3, to: 13 } as const
/** Deepest nesting of `If` branches. Exporters reach three. */
export const MAX_SUBGRAPH_DEPTH = 8
/** Most elements of one tensor, and of one dimension: what ONNX Runtime Web can index in 32 bits. */
export const MAX_TENSOR_ELEMENTS = 2 ** 31 - 1
/** Largest tensor that shape inference lets a graph make, bytes: half of a WebAssembly memory. */
export const MAX_TENSOR_BYTES = 2 * 1024 * 1024 * 1024
/** Most memory that decoding may take beyond the file's own bytes. A 64 MiB file of empty messages would take 10 GiB. */
export const MAX_DECODED_BYTES = 512 * 1024 * 1024
/** Tensors up to this many elements keep their values for shape inference: shapes, axes, indices, position lists. */
export const MAX_KNOWN_ELEMENTS = 512
/** Operator set versions of the default domain. 7: the first that ONNX Runtime supports; 25: the last whose shape rules are known here. */
export const OPSETS = { from: 7, to: 25 } as const
/** Longest name that is repeated in a message, characters. */
export const MAX_NAME_IN_MESSAGE = 80
