import type { RefObject } from 'preact'
import { useRef } from 'preact/hooks'
import { chat } from '../../chat.ts'
import type { ChatMessage } from '../../state/chatHistory.ts'
import { say } from '../../text/say.ts'
import { Answer } from './Answer.tsx'
import { useFollowEnd } from './useFollowEnd.ts'

/** The conversation; the page scrolls along with it only while the reader is at its end. `page` is what it stands in. */
export function ChatMessages({ page }: { page: RefObject<HTMLElement> }) {
  const { messages, id } = chat.current.value
  const list = useRef<HTMLOListElement>(null)
  const asked = messages.filter(({ role }) => role === 'user').length
  useFollowEnd(page, list, asked === 0 ? null : `${id} ${asked}`)
  if (messages.length === 0) return <p class="chat-empty quiet">{say('chat.empty')}</p>
  return (
    <ol class="chat-messages" ref={list} key={id} aria-label={say('chat.conversation')}>
      {messages.map((message, index) => (
        <Message key={index} message={message} last={index === messages.length - 1} />
      ))}
    </ol>
  )
}

function Message({ message, last }: { message: ChatMessage; last: boolean }) {
  return (
    <li class={`chat-message from-${message.role}`}>
      <p class="chat-who">{message.role === 'user' ? say('chat.you') : message.model}</p>
      {message.role === 'user' ? (
        <p class="chat-said">{message.text}</p>
      ) : (
        <Answer text={message.text} facts={message.facts} last={last} />
      )}
    </li>
  )
}
