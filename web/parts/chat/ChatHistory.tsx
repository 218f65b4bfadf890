import { chat } from '../../chat.ts'
import { titleOf } from '../../state/chatHistory.ts'
import { formats, say } from '../../text/say.ts'

/** Conversations of this browser, folded away. */
export function ChatHistory() {
  const conversations = chat.conversations.value.toSorted((a, b) => b.at - a.at)
  if (conversations.length === 0) return null
  const { id: current } = chat.current.value
  return (
    <details class="card">
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
                  onClick={() => chat.open(conversation.id)}
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
