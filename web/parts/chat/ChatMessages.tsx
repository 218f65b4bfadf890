import { useLayoutEffect, useRef } from 'preact/hooks'
import { chat } from '../../chat.ts'
import type { ChatMessage } from '../../state/chatHistory.ts'
import { say } from '../../text/say.ts'
import { Answer } from './Answer.tsx'

/** Pixels from the end within which the reader is taken to follow what is written. */
const NEAR_END = 80

/** The conversation; it scrolls along only while the reader is at its end. */
export function ChatMessages() {
  const { messages, id } = chat.current.value
  const list = useRef<HTMLOListElement>(null)
  const follow = useRef(true)
  useLayoutEffect(() => {
    if (follow.current && list.current) list.current.scrollTop = list.current.scrollHeight
  }, [messages])
  if (messages.length === 0) return <p class="chat-empty quiet">{say('chat.empty')}</p>
  return (
    <ol
      class="chat-messages"
      ref={list}
      key={id}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={say('chat.conversation')}
      onScroll={(event) => {
        const { scrollTop, scrollHeight, clientHeight } = event.currentTarget
        follow.current = scrollHeight - scrollTop - clientHeight < NEAR_END
      }}
    >
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
