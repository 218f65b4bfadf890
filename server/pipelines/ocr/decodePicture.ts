import sharp, { type Sharp } from 'sharp'
import { OpentabError } from '../../../protocol/errors.ts'
import { DECODE_LIMIT_SECONDS, MAX_PICTURE_PIXELS, MAX_PICTURE_SIDE } from './ocrLimits.ts'

/** RGB pixels, u8[height, width, 3], upright. */
export interface Picture {
  width: number
  height: number
  pixels: Uint8Array
}

/** A picture whose header was read and whose pixels were not. */
export interface OpenedPicture {
  /** Size of the upright picture, pixels: after the turn that its EXIF orientation asks for. */
  width: number
  height: number
  /** Decodes it into a picture of that size. @throws OpentabError `invalid_value` when its data are damaged */
  decode(width: number, height: number): Promise<Picture>
}

/** Pictures that are decoded at the same time; more wait, so that memory stays bounded. */
const slots = { free: 2, waiting: [] as (() => void)[] }

/**
 * Reads the header of a PNG or JPEG.
 * @throws OpentabError `invalid_value` for any other format, damaged data and pictures past the limits
 */
export async function openPicture(bytes: Uint8Array): Promise<OpenedPicture> {
  // Only two decoders ever see a stranger's bytes: the library would try a dozen formats.
  if (!isJpeg(bytes) && !isPng(bytes)) {
    throw refuse(
      `The image is neither a PNG nor a JPEG: it begins with ${firstBytes(bytes)}.`,
      'Send a PNG or a JPEG.',
    )
  }
  const source = sharp(bytes, { limitInputPixels: MAX_PICTURE_PIXELS, failOn: 'truncated' })
  const header = await source.metadata().catch((error: unknown) => {
    throw damaged(error)
  })
  const { width, height } = header.autoOrient
  if (width * height > MAX_PICTURE_PIXELS || Math.max(width, height) > MAX_PICTURE_SIDE) {
    throw refuse(
      `The image has ${width} x ${height} pixels.`,
      `Send at most ${MAX_PICTURE_PIXELS} pixels and ${MAX_PICTURE_SIDE} on a side.`,
    )
  }
  return { width, height, decode: (toWidth, toHeight) => withSlot(() => decode(source, toWidth, toHeight)) }
}

async function decode(source: Sharp, width: number, height: number): Promise<Picture> {
  const { data, info } = await source
    .clone()
    .autoOrient()
    .resize(width, height, { fit: 'fill', kernel: 'linear', fastShrinkOnLoad: false })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .timeout({ seconds: DECODE_LIMIT_SECONDS })
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw damaged(error)
    })
  if (info.channels !== 3) throw refuse(`The image has ${info.channels} channels after conversion to RGB.`)
  return { width, height, pixels: data }
}

async function withSlot<T>(work: () => Promise<T>): Promise<T> {
  if (slots.free === 0) await new Promise<void>((resolve) => slots.waiting.push(resolve))
  else slots.free--
  try {
    return await work()
  } finally {
    const next = slots.waiting.shift()
    if (next) next()
    else slots.free++
  }
}

const isJpeg = (bytes: Uint8Array) => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff
const isPng = (bytes: Uint8Array) =>
  [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a].every((byte, index) => bytes[index] === byte)

function firstBytes(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'nothing, it is empty'
  return [...bytes.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
}

const refuse = (message: string, fix?: string) =>
  new OpentabError('invalid_value', message, { param: 'image', fix })

function damaged(error: unknown): OpentabError {
  const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
  return refuse(
    `The image cannot be decoded: ${reason}.`,
    'Send a whole PNG or JPEG file that opens in a viewer.',
  )
}
