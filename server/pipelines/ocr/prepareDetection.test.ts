import sharp, { type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import { prepareDetection } from './prepareDetection.ts'

const red = { r: 255, g: 0, b: 0 }
const blank = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: red } })
const prepare = async (file: Sharp | Uint8Array) =>
  prepareDetection({ image: file instanceof Uint8Array ? file : await file.toBuffer() })

/** A PNG header that promises more pixels than any memory holds. */
function bomb(): Uint8Array {
  const png = Buffer.from(
    '89504e470d0a1a0a0000000d49484452000100000001000008020000007dbbb4b60000000049454e44ae426082',
    'hex',
  )
  return png
}

describe('prepareDetection', () => {
  it.each([
    ['nothing', new Uint8Array()],
    ['a text', new TextEncoder().encode('hello')],
    ['an SVG', new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
    ['a GIF', Buffer.from('R0lGODlhAQABAAAAACw=', 'base64')],
    ['a bare PNG signature', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)],
    ['a bare JPEG start', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0)],
    ['a bomb', bomb()],
  ])('refuses %s', async (_, bytes) => {
    await expect(prepare(bytes)).rejects.toMatchObject({ code: 'invalid_value', param: 'image' })
  })

  it('refuses truncated files of both formats', async () => {
    const noise = sharp({
      create: {
        width: 200,
        height: 200,
        channels: 3,
        background: red,
        noise: { type: 'gaussian', mean: 128, sigma: 30 },
      },
    })
    for (const whole of [await noise.clone().png().toBuffer(), await noise.clone().jpeg().toBuffer()]) {
      await expect(prepare(whole)).resolves.toMatchObject({ width: 200 })
      await expect(prepare(whole.subarray(0, whole.length / 2))).rejects.toMatchObject({
        code: 'invalid_value',
      })
    }
  })

  it('refuses a picture that is too long', async () => {
    await expect(prepare(blank(17_000, 8).png())).rejects.toThrow('17000 x 8')
  })

  it.each([
    [1, 1, 32, 32],
    [500, 40, 512, 32],
    [4000, 3000, 960, 736],
    [100, 5000, 32, 960],
  ])('scales %i x %i to multiples of 32, at most 960', async (width, height, mapWidth, mapHeight) => {
    const input = await prepare(blank(width, height).png())
    expect(input).toMatchObject({ width, height, mapWidth, mapHeight })
    expect(input.elements).toHaveLength(3 * mapWidth * mapHeight)
  })

  it('gives blue, green, red, normalised', async () => {
    const { elements } = await prepare(blank(32, 32).png())
    expect(elements[0]).toBeCloseTo(-0.485 / 0.229, 5)
    expect(elements[1024]).toBeCloseTo(-0.456 / 0.224, 5)
    expect(elements[2048]).toBeCloseTo((1 - 0.406) / 0.225, 5)
  })

  it('turns a picture as its EXIF orientation says', async () => {
    // Orientation 6: the stored left side, black here, is the top.
    const black = {
      input: { create: { width: 32, height: 32, channels: 3, background: '#000' } },
      left: 0,
      top: 0,
    } as const
    const lying = blank(64, 32).composite([black]).withMetadata({ orientation: 6 })
    const input = await prepare(lying.png())
    expect(input).toMatchObject({ width: 32, height: 64, mapWidth: 32, mapHeight: 64 })
    const red = input.elements.subarray(2 * 32 * 64)
    for (const top of [0, 31]) expect(red[top]).toBeCloseTo(-0.406 / 0.225, 5)
    for (const bottom of [63 * 32, 63 * 32 + 31]) expect(red[bottom]).toBeCloseTo((1 - 0.406) / 0.225, 5)
  })

  it.each([
    ['grey with 16 bits', blank(32, 32).toColourspace('grey16').png()],
    ['CMYK', blank(32, 32).toColourspace('cmyk').jpeg()],
    ['a palette', blank(32, 32).png({ palette: true })],
  ])('takes %s', async (_, file) => {
    expect((await prepare(file)).elements.every(Number.isFinite)).toBe(true)
  })

  it('puts a transparent picture on white', async () => {
    const clear = sharp({
      create: { width: 32, height: 32, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
    const { elements } = await prepare(clear.png())
    expect(elements[0]).toBeCloseTo((1 - 0.485) / 0.229, 5)
  })
})
