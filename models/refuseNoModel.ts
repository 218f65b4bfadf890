import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { OpentabError } from '../protocol/errors.ts'
import { refuseWeights } from '../protocol/weights/refuseWeights.ts'
import { openRangeFile } from './language/rangeFile.ts'

/** What stands at the beginning of a file that tells what it is, bytes. */
const HEAD_BYTES = 256

/**
 * Refuses what people take for a model file and is none: an empty file, a web page or an error in JSON that a download
 * got instead, a Git LFS pointer, weights without the files beside them, a PyTorch file.
 * @throws OpentabError `model_refused` that says what it is and how to get the model
 */
export async function refuseNoModelFile(path: string): Promise<void> {
  const { bytes, head } = await headOf(path)
  const name = basename(path)
  const notTheFile = refusalOfDownload(name, bytes, head)
  if (notTheFile) throw notTheFile
  if (isText(head)) {
    throw refuseWeights(
      `${name} is a text, not a model: ${JSON.stringify(head.toString('utf8').trim().slice(0, 60))}`,
      'Name the GGUF or ONNX file, or the folder that holds config.json. If a download made it, the server answered with an error: download it again.',
    )
  }
  if (isSafetensors(head)) {
    throw refuseWeights(
      `${name} holds the weights alone.`,
      'Name the folder that holds them with config.json and tokenizer.json.',
    )
  }
  if (head.subarray(0, 4).equals(ZIP) || /\.(bin|pth?|ckpt)$/i.test(name)) {
    throw refuseWeights(
      `${name} is a PyTorch file or an archive, which is not read.`,
      'Take the safetensors, GGUF or ONNX form of the model; unpack an archive first.',
    )
  }
}

/** First bytes of a zip archive, which newer PyTorch files are. */
const ZIP = Buffer.from([0x50, 0x4b, 3, 4])

/** Whether all of it is printable ASCII or white space, as no GGUF or ONNX file begins. */
const isText = (head: Buffer): boolean =>
  head.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x09 || byte === 0x0a || byte === 0x0d)

/** Files of a folder that an import reads. */
const READ = /^(config|generation_config|tokenizer|tokenizer_config)\.json$|\.safetensors(\.index\.json)?$/

/**
 * Refuses a folder that is no model of Hugging Face's layout, by what it holds instead, and one whose files are no such
 * files.
 * @throws OpentabError `model_refused`
 */
export async function refuseNoModelFolder(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true })
  const names = entries.map(({ name }) => name).sort()
  if (!names.includes('config.json')) {
    throw refuseWeights(
      `${folder} has no config.json; it holds ${listInWords(names)}.`,
      await nextStep(folder, names),
    )
  }
  for (const name of names) {
    if (!READ.test(name) || !(await stat(join(folder, name))).isFile()) continue
    const { bytes, head } = await headOf(join(folder, name))
    const notTheFile = refusalOfDownload(name, bytes, head)
    if (notTheFile) throw notTheFile
  }
}

async function nextStep(folder: string, names: readonly string[]): Promise<string> {
  const file = names.find((name) => /\.(gguf|onnx)$/i.test(name))
  if (file) return `Name the file itself: opentab models import ${join(folder, file)}.`
  for (const name of names) {
    if (await stat(join(folder, name, 'config.json')).catch(() => null))
      return `Name the folder inside it: opentab models import ${join(folder, name)}.`
  }
  return 'Download all files of the model, not the weights alone.'
}

function listInWords(names: readonly string[]): string {
  if (names.length === 0) return 'nothing'
  const shown = names.slice(0, 4).join(', ')
  return names.length <= 4 ? shown : `${shown} and ${names.length - 4} more`
}

/** The refusal of a file that a download did not bring. */
function refusalOfDownload(name: string, bytes: number, head: Buffer): OpentabError | null {
  const text = head.toString('latin1')
  if (bytes === 0) return refuseWeights(`${name} is empty.`, 'Download the file again.')
  if (/^\s*(<!doctype html|<html|<\?xml)/i.test(text)) {
    return refuseWeights(
      `${name} is a web page, not a model: the download got the page instead of the file.`,
      'Download the file itself; on Hugging Face its link has `/resolve/` where the page has `/blob/`, and models behind a licence need you to be signed in.',
    )
  }
  if (text.startsWith('version https://git-lfs.github.com/spec/')) {
    return refuseWeights(
      `${name} is a pointer of Git LFS, not the file that it points to.`,
      'Run `git lfs pull` in its repository, or download the file.',
    )
  }
  return null
}

/** A header's length in 8 bytes, then the header, a JSON object. */
const isSafetensors = (head: Buffer): boolean =>
  head.length > 10 && head.readBigUInt64LE(0) < 1n << 32n && head.toString('latin1', 8, 10) === '{"'

async function headOf(path: string): Promise<{ bytes: number; head: Buffer }> {
  const file = await openRangeFile(path)
  try {
    return { bytes: file.bytes, head: Buffer.from(await file.read(0, Math.min(HEAD_BYTES, file.bytes))) }
  } finally {
    await file.close()
  }
}
