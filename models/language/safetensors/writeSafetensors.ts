import type { WeightFormat } from '../../../protocol/weights/blockFormats.ts'
import { refuseWeights } from '../../../protocol/weights/refuseWeights.ts'
import { type SafetensorsDtype, writeSafetensorsHeader } from '../../../protocol/weights/safetensorsHeader.ts'
import type { WeightTensor } from '../../../protocol/weights/weightFile.ts'

const dtypes: Partial<Record<WeightFormat, SafetensorsDtype>> = { f32: 'F32', f16: 'F16', bf16: 'BF16' }

/**
 * A `model.safetensors` as Hugging Face publishes it: for tests and small models made here.
 * @throws OpentabError `model_refused` for a tensor in blocks, which such files do not have
 */
export function writeSafetensors(
  tensors: readonly WeightTensor[],
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): Uint8Array<ArrayBuffer> {
  const parts = tensors.map(({ name, format, shape, bytes }) => {
    const dtype = dtypes[format]
    if (!dtype) throw refuseWeights(`Tensor ${name} is ${format}; safetensors files hold f32, f16 and bf16.`)
    return { name, dtype, shape, bytes: bytes.length }
  })
  const header = writeSafetensorsHeader(new Map(Object.entries(metadata)), parts, 8)
  const file = new Uint8Array(parts.reduce((sum, part) => sum + part.bytes, header.length))
  file.set(header)
  let at = header.length
  for (const { bytes } of tensors) {
    file.set(bytes, at)
    at += bytes.length
  }
  return file
}
