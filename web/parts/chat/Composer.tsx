import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { chat } from '../../chat.ts'
import { say } from '../../text/say.ts'

/** The field for the message, with Send, which is Stop while an answer is written. */
export function Composer({ ready }: { ready: boolean }) {
  const text = useSignal('')
  const field = useRef<HTMLTextAreaElement>(null)
  const writing = chat.writing.value
  const send = (): void => {
    if (writing || !ready || text.value.trim() === '') return
    const asked = text.value
    text.value = ''
    void chat.send(asked)
    field.current?.focus()
  }
  return (
    <form
      class="card composer"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <label for="chat-message" class="heard">
        {say('chat.message')}
      </label>
      <p class="quiet note" id="chat-privacy">
        {say('chat.privacy')}
      </p>
      <textarea
        id="chat-message"
        ref={field}
        rows={3}
        value={text.value}
        aria-describedby="chat-privacy"
        placeholder={say('chat.placeholder')}
        onInput={(event) => {
          text.value = event.currentTarget.value
        }}
        onKeyDown={(event) => {
          // While an input method composes, Enter chooses a word.
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
          event.preventDefault()
          send()
        }}
      />
      <div class="buttons">
        {writing ? (
          <button type="button" class="button" onClick={chat.stop}>
            {say('chat.stop')}
          </button>
        ) : (
          <button type="submit" class="button primary" disabled={!ready || text.value.trim() === ''}>
            {say('chat.send')}
          </button>
        )}
      </div>
    </form>
  )
}
