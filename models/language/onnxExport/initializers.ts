import { basename, join } from 'node:path'
import {
  TensorProto_DataType as Code,
  type GraphProto,
  TensorProto_DataLocation as Location,
  type TensorProto,
} from 'onnx-buf'
import { quotedName, refuseWeights } from '../../../protocol/weights/refuseWeights.ts'
import { elementTypeName } from '../../onnx/elementType.ts'
import { openRangeFile, type RangeFile } from '../rangeFile.ts'

/** Element types of weights in an export, with the bytes of one element. */
const elementBytes = { FLOAT: 4, FLOAT16: 2, BFLOAT16: 2, UINT8: 1, INT64: 8 } as const
export type ExportType = keyof typeof elementBytes

/** A constant of an export. */
export interface Initializer {
  name: string
  type: ExportType
  shape: readonly number[]
  /** @throws OpentabError `model_refused` when its file is missing or too short */
  read(): Promise<Uint8Array<ArrayBuffer>>
}

/** The constants of an export by name; those in files beside it are read from there. */
export class Initializers {
  readonly #folder: string
  readonly #protos: ReadonlyMap<string, TensorProto>
  readonly #files = new Map<string, Promise<RangeFile>>()

  constructor(graph: GraphProto, folder: string) {
    this.#folder = folder
    this.#protos = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]))
  }

  has(name: string): boolean {
    return this.#protos.has(name)
  }

  /** Names of the files that hold tensors. */
  get locations(): string[] {
    const all = [...this.#protos.values()].map((tensor) => externalOf(tensor)?.location)
    return [...new Set(all.filter((name) => name !== undefined))]
  }

  /** @throws OpentabError `model_refused` when there is none, or one of another type or size than it says */
  get(name: string): Initializer {
    const tensor = this.#protos.get(name)
    if (!tensor) throw refuseWeights(`The export has no constant ${quotedName(name)}.`)
    const type = Code[tensor.dataType] as ExportType
    const shape = tensor.dims.map(Number)
    if (!Object.hasOwn(elementBytes, type)) {
      throw refuseWeights(
        `Tensor ${quotedName(name)} has the element type ${elementTypeName(tensor.dataType)}; ${Object.keys(elementBytes).join(', ')} are read.`,
      )
    }
    const bytes = shape.reduce((product, size) => product * size, elementBytes[type])
    const external = externalOf(tensor)
    if (!external && tensor.rawData.length !== bytes && tensor.floatData.length * 4 !== bytes) {
      throw refuseWeights(
        `Tensor ${quotedName(name)} is ${type} [${shape.join(', ')}], which takes ${bytes} bytes, and has ${tensor.rawData.length}.`,
      )
    }
    const read = async (): Promise<Uint8Array<ArrayBuffer>> => {
      if (external) return this.#readExternal(name, external, bytes)
      if (tensor.rawData.length === bytes) return new Uint8Array(tensor.rawData)
      return new Uint8Array(Float32Array.from(tensor.floatData).buffer)
    }
    return { name, type, shape, read }
  }

  async close(): Promise<void> {
    for (const file of this.#files.values()) await file.then((each) => each.close()).catch(() => {})
  }

  async #readExternal(
    name: string,
    { location, offset }: { location: string; offset: number },
    bytes: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const file = await this.#file(location)
    if (offset + bytes <= file.bytes) return file.read(offset, bytes)
    throw refuseWeights(
      `Tensor ${quotedName(name)} lies at bytes ${offset} to ${offset + bytes} of ${file.what}, which has ${file.bytes}.`,
      'Take another copy of the file.',
    )
  }

  #file(location: string): Promise<RangeFile> {
    const known = this.#files.get(location) ?? openRangeFile(join(this.#folder, location))
    this.#files.set(location, known)
    return known
  }
}

function externalOf({
  name,
  dataLocation,
  externalData,
}: TensorProto): { location: string; offset: number } | null {
  if (dataLocation !== Location.EXTERNAL) return null
  const fields = new Map(externalData.map(({ key, value }) => [key, value]))
  const location = fields.get('location') ?? ''
  const offset = Number(fields.get('offset') ?? 0)
  // A plain file name: an export must not reach out of its folder.
  if (location === '' || location !== basename(location) || !Number.isSafeInteger(offset) || offset < 0) {
    throw refuseWeights(
      `Tensor ${quotedName(name)} stands at byte ${offset} of ${quotedName(location)}, which is no file beside the export.`,
    )
  }
  return { location, offset }
}
