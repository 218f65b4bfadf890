import type { WeightFormat } from '../../../protocol/weights/blockFormats.ts'
import { quotedName, refuseWeights } from '../../../protocol/weights/refuseWeights.ts'
import {
  readSafetensorsHeader,
  type SafetensorsDtype,
  safetensorsDataStart,
} from '../../../protocol/weights/safetensorsHeader.ts'
import { openRangeFile } from '../rangeFile.ts'
import type { SourceTensor } from '../weightSource.ts'

const formats: Partial<Record<SafetensorsDtype, WeightFormat>> = { F32: 'f32', F16: 'f16', BF16: 'bf16' }

export interface SafetensorsPart {
  metadata: ReadonlyMap<string, string>
  tensors: readonly SourceTensor[]
  close(): Promise<void>
}

/**
 * One safetensors file, its header checked.
 * @throws OpentabError `model_refused` naming the tensor and the numbers
 */
export async function openSafetensors(path: string): Promise<SafetensorsPart> {
  const file = await openRangeFile(path)
  try {
    const first8 = await file.read(0, Math.min(8, file.bytes))
    const start = safetensorsDataStart(first8, file.bytes, file.what)
    const header = readSafetensorsHeader(await file.read(0, start), file.bytes, file.what)
    const tensors = header.entries.map(({ name, dtype, shape, begin, end }): SourceTensor => {
      const format = formats[dtype]
      if (!format) {
        throw refuseWeights(
          `Tensor ${quotedName(name)} of ${file.what} has the dtype ${dtype}; F32, F16 and BF16 are read.`,
          'Take the unquantised model, or its GGUF form.',
        )
      }
      return { name, format, shape, read: () => file.read(begin, end - begin) }
    })
    return { metadata: header.metadata, tensors, close: file.close }
  } catch (error) {
    await file.close()
    throw error
  }
}
