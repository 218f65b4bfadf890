import jspiScript from 'onnxruntime-web/jspi?url'
import jspiBinary from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url'
import wasmBinary from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url'
import wasmScript from 'onnxruntime-web/wasm?url'

/** URLs of ONNX Runtime's WASM build: the script that the compute worker imports, the binary that is handed to it. */
export const wasmRuntime = { script: wasmScript, binary: wasmBinary }

/** URLs of its native WebGPU build. It needs JavaScript Promise Integration, see `hasWebgpuRuntime`. */
export const webgpuRuntime = { script: jspiScript, binary: jspiBinary }

/** Whether this browser can run the native WebGPU build at all. */
export const hasWebgpuRuntime = (): boolean => 'Suspending' in WebAssembly
