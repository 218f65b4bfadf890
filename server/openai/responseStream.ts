import type { AnswerStream } from './answerStream.ts'
import {
  callItemId,
  messageId,
  type OutputItem,
  outputText,
  type ResponseObject,
  responseBegun,
} from './responseAnswer.ts'
import type { ResponseBody } from './responseRequest.ts'
import type { StreamFormat } from './streamJob.ts'

/** A response as named, numbered events: items are added, grow by deltas and are done. */
export function responseStream(body: ResponseBody, fingerprint: string): StreamFormat {
  let sequence = 0
  /** Ids of the items that were added, in their order. */
  const added: string[] = []
  const send = (stream: AnswerStream, type: string, fields: object): void =>
    stream.send({ type, sequence_number: sequence++, ...fields }, type)
  const begin = (stream: AnswerStream): void => {
    if (sequence > 0) return
    const response = responseBegun(body, fingerprint)
    send(stream, 'response.created', { response })
    send(stream, 'response.in_progress', { response })
  }
  /** Place of an item in the output; it is added where it is new. */
  const place = (stream: AnswerStream, item: OutputItem): number => {
    const known = added.indexOf(item.id)
    if (known >= 0) return known
    const output_index = added.push(item.id) - 1
    send(stream, 'response.output_item.added', { output_index, item })
    if (item.type === 'message') {
      const part = outputText('', null)
      send(stream, 'response.content_part.added', { item_id: item.id, output_index, content_index: 0, part })
    }
    return output_index
  }
  const message: OutputItem = {
    id: messageId(body),
    type: 'message',
    status: 'in_progress',
    role: 'assistant',
    content: [],
  }
  const callIds = new Map<number, string>()
  const finish = (stream: AnswerStream, item: OutputItem, output_index: number): void => {
    if (item.type === 'message') {
      const [part] = item.content
      const at = { item_id: item.id, output_index, content_index: 0 }
      send(stream, 'response.output_text.done', { ...at, text: part!.text, logprobs: part!.logprobs })
      send(stream, 'response.content_part.done', { ...at, part })
    } else {
      const { id: item_id, name, arguments: args } = item
      send(stream, 'response.function_call_arguments.done', { item_id, output_index, name, arguments: args })
    }
    send(stream, 'response.output_item.done', { output_index, item })
  }
  return {
    delta({ pieces, logprobs }, stream) {
      begin(stream)
      let unshown = logprobs
      for (const piece of pieces) {
        switch (piece.kind) {
          case 'content': {
            const output_index = place(stream, message)
            const at = { item_id: message.id, output_index, content_index: 0 }
            send(stream, 'response.output_text.delta', { ...at, delta: piece.text, logprobs: unshown })
            unshown = []
            break
          }
          case 'call': {
            const id = callItemId(piece.id)
            callIds.set(piece.index, id)
            place(stream, {
              id,
              type: 'function_call',
              status: 'in_progress',
              call_id: piece.id,
              name: piece.name,
              arguments: '',
            })
            break
          }
          case 'arguments': {
            const item_id = callIds.get(piece.index)!
            const at = { item_id, output_index: added.indexOf(item_id) }
            send(stream, 'response.function_call_arguments.delta', { ...at, delta: piece.text })
            break
          }
          default:
            piece satisfies never
        }
      }
    },
    done(ended, opentab, stream) {
      begin(stream)
      const answer = ended as ResponseObject
      for (const [index, item] of answer.output.entries()) finish(stream, item, index)
      const response = { ...answer, opentab }
      send(stream, answer.status === 'completed' ? 'response.completed' : 'response.incomplete', { response })
    },
    failed({ code, message: text, param }, stream) {
      send(stream, 'error', { code, message: text, param })
    },
  }
}
