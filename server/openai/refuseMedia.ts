import { OpentabError } from '../../protocol/errors.ts'

/** Parts of a message that are no text, with their name for people. */
const media: Readonly<Record<string, string>> = {
  image_url: 'Images',
  input_image: 'Images',
  image: 'Images',
  input_audio: 'Sounds',
  audio: 'Sounds',
  video_url: 'Videos',
  input_video: 'Videos',
  file: 'Files',
  input_file: 'Files',
}

/**
 * Refuses pictures, sound and files in messages by name.
 * @param messages the `messages` of a chat call, or the `input` of a responses call; anything else passes
 * @throws OpentabError `unsupported_parameter` naming the part
 */
export function refuseMedia(messages: unknown, field: string): void {
  if (!Array.isArray(messages)) return
  for (const [i, message] of messages.entries()) {
    for (const list of ['content', 'output']) {
      const parts: unknown = fieldOf(message, list)
      if (!Array.isArray(parts)) continue
      for (const [j, part] of parts.entries()) {
        const type = fieldOf(part, 'type')
        if (typeof type !== 'string' || !Object.hasOwn(media, type)) continue
        const param = `${field}[${i}].${list}[${j}].${type}`
        throw new OpentabError('unsupported_parameter', `${media[type]} are not taken: \`${param}\`.`, {
          param,
          fix: 'Send text only.',
        })
      }
    }
  }
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined
