import type { WeightFormat } from '../../protocol/weights/blockFormats.ts'

/** One tensor of a model as its author published it. */
export interface SourceTensor {
  name: string
  format: WeightFormat
  /** Row-major: the last dimension is the one that is packed in blocks. */
  shape: readonly number[]
  /**
   * The packed bytes, u8[packedBytes(format, elements)], read from the file at each call.
   * @throws OpentabError `model_refused` when the file has become shorter
   */
  read(): Promise<Uint8Array>
}

/** An open model whose header was checked: every tensor is known to lie inside its file and to overlap no other. */
export interface WeightSource {
  kind: 'gguf' | 'safetensors' | 'onnx'
  /** GGUF's key-value pairs (64-bit integers past 2^53 as bigint), safetensors' `__metadata__`, or nothing of an ONNX export. */
  metadata: ReadonlyMap<string, unknown>
  /** By name, in the file's order. */
  tensors: ReadonlyMap<string, SourceTensor>
  /** Closes the files; no tensor can be read afterwards. */
  close(): Promise<void>
}
