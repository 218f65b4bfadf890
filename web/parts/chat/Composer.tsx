import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { chat } from '../../chat.ts'
import { say } from '../../text/say.ts'

const FIELD = 'chat-message'

/** Puts the cursor where the next message is written. */
export const focusComposer = (): void => document.getElementById(FIELD)?.focus({ preventScroll: true })

/** The field for the message, with Send, which is Stop while an answer is written. */
export function Composer({ ready }: { ready: boolean }) {
  const text = useSignal('')
  const form = useRef<HTMLFormElement>(null)
  const writing = chat.writing.value
  useEscape(writing)
  useFocusAfterAnswer(form, writing)
  const send = (): void => {
    if (writing || !ready || text.value.trim() === '') return
    const asked = text.value
    text.value = ''
    void chat.send(asked)
    focusComposer()
  }
  return (
    <form
      class="card composer"
      ref={form}
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <label for={FIELD} class="heard">
        {say('chat.message')}
      </label>
      <div class="composer-notes quiet note">
        <p id="chat-privacy">{say('chat.privacy')}</p>
        <p id="chat-keys" class="chat-keys">
          {say('chat.keys')}
        </p>
      </div>
      <div class="composer-row">
        <textarea
          id={FIELD}
          rows={2}
          value={text.value}
          aria-describedby="chat-privacy chat-keys"
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
        {writing ? (
          <button key="stop" type="button" class="button" onClick={chat.stop}>
            {say('chat.stop')}
          </button>
        ) : (
          <button
            key="send"
            type="submit"
            class="button primary"
            disabled={!ready || text.value.trim() === ''}
          >
            {say('chat.send')}
          </button>
        )}
      </div>
    </form>
  )
}

/** Escape stops the answer that is written, and then not the tab at work: that is for the next Escape. */
function useEscape(writing: boolean): void {
  useEffect(() => {
    if (!writing) return
    const press = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.defaultPrevented || event.isComposing) return
      event.preventDefault()
      chat.stop()
    }
    // Before the page's own Escape, which listens at the window.
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [writing])
}

/** The button that had the focus goes with the answer's end: then the focus comes back to the field. */
function useFocusAfterAnswer(form: { current: HTMLFormElement | null }, writing: boolean): void {
  const wrote = useRef(writing)
  useEffect(() => {
    const ended = wrote.current && !writing
    wrote.current = writing
    const { activeElement: at } = document
    if (!ended || (at !== null && at !== document.body && !form.current?.contains(at))) return
    // On a touch screen the focus would bring the keyboard up over the answer.
    if (!matchMedia('(pointer: coarse)').matches) focusComposer()
  }, [writing])
}
