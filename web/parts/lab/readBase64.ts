/** The bytes of a file as base64. */
export function readBase64(file: File): Promise<string> {
  const reader = new FileReader()
  const read = Promise.withResolvers<string>()
  reader.addEventListener('load', () => read.resolve(String(reader.result).replace(/^[^,]*,/, '')))
  reader.addEventListener('error', () => read.reject(reader.error))
  reader.readAsDataURL(file)
  return read.promise
}
