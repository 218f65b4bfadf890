/** Values of the arguments of `conv2d-f32`. */
export type Conv2dShape = Readonly<
  Record<
    | 'batch'
    | 'groups'
    | 'groupChannels'
    | 'groupOutputs'
    | 'height'
    | 'width'
    | 'kernelHeight'
    | 'kernelWidth'
    | 'strideY'
    | 'strideX'
    | 'padTop'
    | 'padLeft'
    | 'padBottom'
    | 'padRight',
    number
  >
>

/** Height and width of y: floor((padded - kernel) / stride) + 1, and 0 where the kernel does not fit. */
export function outSizes(shape: Conv2dShape): [height: number, width: number] {
  const { height, width, kernelHeight, kernelWidth, strideY, strideX } = shape
  const { padTop, padLeft, padBottom, padRight } = shape
  return [
    Math.max(0, Math.floor((height + padTop + padBottom - kernelHeight) / strideY) + 1),
    Math.max(0, Math.floor((width + padLeft + padRight - kernelWidth) / strideX) + 1),
  ]
}

/**
 * The convolution by its definition, sums in f64: y f64[batch, groups * groupOutputs, outHeight, outWidth] of
 * x f32[batch, groups * groupChannels, height, width], weights f32[groups * groupOutputs, groupChannels, kernelHeight,
 * kernelWidth] and bias f32[groups * groupOutputs]; zero outside of x (ONNX's Conv).
 */
export function conv2dReference(
  x: ArrayLike<number>,
  weights: ArrayLike<number>,
  bias: ArrayLike<number>,
  shape: Conv2dShape,
): Float64Array<ArrayBuffer> {
  const { batch, groups, groupChannels, groupOutputs, height, width, kernelHeight, kernelWidth } = shape
  const { strideY, strideX, padTop, padLeft } = shape
  const [outHeight, outWidth] = outSizes(shape)
  const outputs = groups * groupOutputs
  const y = new Float64Array(batch * outputs * outHeight * outWidth)
  for (let at = 0; at < y.length; at++) {
    const ox = at % outWidth
    const oy = Math.floor(at / outWidth) % outHeight
    const output = Math.floor(at / (outWidth * outHeight)) % outputs
    const picture = Math.floor(at / (outWidth * outHeight * outputs))
    const firstChannel = Math.floor(output / groupOutputs) * groupChannels
    let sum = bias[output]!
    for (let channel = 0; channel < groupChannels; channel++) {
      const plane = (picture * groups * groupChannels + firstChannel + channel) * height
      for (let ky = 0; ky < kernelHeight; ky++) {
        const row = oy * strideY - padTop + ky
        if (row < 0 || row >= height) continue
        for (let kx = 0; kx < kernelWidth; kx++) {
          const column = ox * strideX - padLeft + kx
          if (column < 0 || column >= width) continue
          const weight = weights[((output * groupChannels + channel) * kernelHeight + ky) * kernelWidth + kx]!
          sum += weight * x[(plane + row) * width + column]!
        }
      }
    }
    y[at] = sum
  }
  return y
}
