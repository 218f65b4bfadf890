/**
 * ONNX Runtime Web as a value: one loaded copy of the library, which holds one WASM instance. Its thread count is fixed
 * by the first session that is made in it.
 */
export type OrtRuntime = Pick<typeof import('onnxruntime-web'), 'env' | 'InferenceSession' | 'Tensor'>

/** A tensor of ONNX Runtime. */
export type OrtTensor = InstanceType<OrtRuntime['Tensor']>

/** A session of ONNX Runtime. */
export type OrtSession = Awaited<ReturnType<OrtRuntime['InferenceSession']['create']>>
