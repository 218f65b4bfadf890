import { openRangeFile, type RangeFile } from '../rangeFile.ts'
import type { SourceTensor, WeightSource } from '../weightSource.ts'
import { MAX_GGUF_HEADER_BYTES } from './ggufLayout.ts'
import { MoreHeaderNeeded } from './headerCursor.ts'
import { type GgufHeader, parseGgufHeader } from './parseGgufHeader.ts'

export type { SourceTensor, WeightSource } from '../weightSource.ts'

/** Bytes of the first look into a file: the headers of most models. */
const FIRST_LOOK_BYTES = 8 * 1024 * 1024

/**
 * Opens a local GGUF file, versions 2 and 3: reads and checks its header, leaves the tensors on the disk.
 *
 * Not by `@huggingface/gguf` 0.4.6: it takes the bytes after a cut-off file's end as zeros (a SmolLM2 file cut at
 * 100 kB gives 272 tensors, some without a name), cuts a text at a border of its 2 MB chunks without a word, and
 * leaves tensor sizes, offsets and overlaps unchecked.
 * @throws OpentabError `model_refused` when the file is not a whole, consistent GGUF file
 */
export async function readGguf(path: string): Promise<WeightSource> {
  const file = await openRangeFile(path)
  try {
    const { metadata, tensors } = await readHeader(file)
    return {
      kind: 'gguf',
      metadata,
      tensors: new Map(
        tensors.map(({ name, format, shape, begin, bytes }): [string, SourceTensor] => [
          name,
          { name, format, shape, read: () => file.read(begin, bytes) },
        ]),
      ),
      close: file.close,
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function readHeader(file: RangeFile): Promise<GgufHeader> {
  for (let look = FIRST_LOOK_BYTES; ; look *= 2) {
    const window = await file.read(0, Math.min(look, file.bytes, MAX_GGUF_HEADER_BYTES))
    try {
      return parseGgufHeader(window, file.bytes, file.what)
    } catch (error) {
      if (!(error instanceof MoreHeaderNeeded)) throw error
    }
  }
}
