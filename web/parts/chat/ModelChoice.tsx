import type { NetworkModel } from '../../../protocol/network.ts'
import { chat } from '../../chat.ts'
import { servingText } from '../../state/chatModels.ts'
import { say } from '../../text/say.ts'

/** The language models, with who can answer with the chosen one now. Null while they are asked for. */
export function ModelChoice({ models }: { models: readonly NetworkModel[] | null }) {
  const { model } = chat.settings.value
  if (models === null)
    return (
      <>
        <p class="chat-asking quiet">{say('chat.asking')}</p>
        <span class="chat-serving" />
      </>
    )
  if (models.length === 0) return null
  const chosen = models.find(({ id }) => id === model)
  return (
    <>
      <label class="chat-model">
        {say('chat.model')}
        <select value={model ?? ''} onChange={(event) => chat.change({ model: event.currentTarget.value })}>
          {model !== null && chosen === undefined && (
            <option key={model} value={model} disabled>
              {say('chat.goneOption', { model })}
            </option>
          )}
          {models.map(({ id, ready }) => (
            <option key={id} value={id}>
              {ready ? id : say('chat.asleep', { model: id })}
            </option>
          ))}
        </select>
      </label>
      <span class={`chat-serving figure ${chosen?.ready ? 'quiet' : 'warning'}`} role="status">
        {chosen !== undefined && servingText(chosen)}
      </span>
    </>
  )
}
