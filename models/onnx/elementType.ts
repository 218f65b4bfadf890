import { TensorProto_DataType as Code } from 'onnx-buf'
import type { Datatype } from '../../protocol/tensor.ts'

/** Element types of tensors that ONNX Runtime Web takes and gives, by their ONNX code, in the protocol's names. */
const byCode = new Map<number, Datatype>([
  [Code.FLOAT, 'FP32'],
  [Code.UINT8, 'UINT8'],
  [Code.INT8, 'INT8'],
  [Code.UINT16, 'UINT16'],
  [Code.INT16, 'INT16'],
  [Code.INT32, 'INT32'],
  [Code.INT64, 'INT64'],
  [Code.STRING, 'BYTES'],
  [Code.BOOL, 'BOOL'],
  [Code.FLOAT16, 'FP16'],
  [Code.DOUBLE, 'FP64'],
  [Code.UINT32, 'UINT32'],
  [Code.UINT64, 'UINT64'],
])

/** The datatype of an ONNX element type; undefined for one that is not served (complex, bfloat16, float8, 4-bit). */
export const datatypeOf = (code: number): Datatype | undefined => byCode.get(code)

/** Name of an ONNX element type for messages. */
export const elementTypeName = (code: number): string => Code[code] ?? `number ${code}`

/** ONNX's name of a datatype's element type. */
export const elementCodeOf = (datatype: Datatype): keyof typeof Code =>
  Code[[...byCode].find(([, each]) => each === datatype)![0]] as keyof typeof Code
