import type { NetworkModel } from '../../../protocol/network.ts'
import { chat } from '../../chat.ts'
import { say, sayParts } from '../../text/say.ts'

/** Over the field: why no answer can come now, and what the person can do. Null models are still asked for. */
export function ChatNotice({ models }: { models: readonly NetworkModel[] | null }) {
  const { model } = chat.settings.value
  if (models === null || models.length === 0 || model === null) return null
  const chosen = models.find(({ id }) => id === model)
  if (chosen?.ready) return null
  return (
    <p class="chat-notice warning note" role="status">
      {chosen === undefined
        ? say('chat.gone', { model })
        : sayParts('chat.noTab', { link: <LendTab key="link" /> })}
    </p>
  )
}

/** Beside the chat, not in its place: the tab works where it is open. */
function LendTab() {
  return (
    <a href="/" target="_blank" rel="noopener">
      {say('chat.noTabLink')}
    </a>
  )
}
