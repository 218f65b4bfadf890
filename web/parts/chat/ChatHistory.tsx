import { useRef } from 'preact/hooks'
import { chat } from '../../chat.ts'
import { titleOf } from '../../state/chatHistory.ts'
import { formats, say } from '../../text/say.ts'
import { focusComposer } from './Composer.tsx'

/** Conversations of this browser, folded away. */
export function ChatHistory() {
  const conversations = chat.conversations.value.toSorted((a, b) => b.at - a.at)
  const folded = useRef<HTMLDetailsElement>(null)
  if (conversations.length === 0) return null
  const { id: current } = chat.current.value
  const open = (id: string): void => {
    chat.open(id)
    if (folded.current) folded.current.open = false
    focusComposer()
  }
  return (
    <details class="card" ref={folded}>
      <summary>{say('chat.history', { n: conversations.length })}</summary>
      <p class="quiet hint">{say('chat.historyHint')}</p>
      <ul class="rows">
        {conversations.map((conversation) => {
          const title = titleOf(conversation)
          return (
            <li key={conversation.id}>
              <div class="row-main">
                <button
                  type="button"
                  class="link-button row-what"
                  aria-current={conversation.id === current ? 'true' : undefined}
                  onClick={() => open(conversation.id)}
                >
                  {title}
                </button>
                <button
                  type="button"
                  class="button small"
                  aria-label={say('chat.deleteLabel', { title })}
                  onClick={() => chat.remove(conversation.id)}
                >
                  {say('chat.delete')}
                </button>
              </div>
              <div class="row-more">
                <time dateTime={new Date(conversation.at).toISOString()}>
                  {formats.moment(conversation.at)}
                </time>
              </div>
            </li>
          )
        })}
      </ul>
    </details>
  )
}
