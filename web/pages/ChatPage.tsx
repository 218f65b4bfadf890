import '../styles/chat.css'
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { NetworkModel } from '../../protocol/network.ts'
import { chat } from '../chat.ts'
import { ChatHistory } from '../parts/chat/ChatHistory.tsx'
import { ChatMessages } from '../parts/chat/ChatMessages.tsx'
import { ChatNotice } from '../parts/chat/ChatNotice.tsx'
import { ChatSettings } from '../parts/chat/ChatSettings.tsx'
import { Composer, focusComposer } from '../parts/chat/Composer.tsx'
import { ModelChoice } from '../parts/chat/ModelChoice.tsx'
import { relay } from '../site.ts'
import { modelToTake } from '../state/chatModels.ts'
import { say, sayParts } from '../text/say.ts'

/** How often the page asks which models can answer, ms. */
const LOOK_MS = 5_000
const PULL = 'npm run opentab -- models pull smollm2-135m-instruct'

/** A page to talk to the network. */
export function ChatPage() {
  const { models, trouble } = useModels()
  const page = useRef<HTMLDivElement>(null)
  const known = models?.some(({ id }) => id === chat.settings.value.model) ?? false
  const begin = (): void => {
    chat.begin()
    for (const open of page.current?.querySelectorAll<HTMLDetailsElement>('.chat-more details') ?? [])
      open.open = false
    focusComposer()
  }
  return (
    <div class="chat" ref={page}>
      <div class="chat-head">
        <h1>{say('chat.title')}</h1>
        <ModelChoice models={models} />
        <button type="button" class="button small" onClick={begin}>
          {say('chat.new')}
        </button>
      </div>
      {trouble !== null && models === null && <p class="warning">{trouble}</p>}
      {models?.length === 0 && (
        <p class="note">{sayParts('chat.noModels', { command: <code key="command">{PULL}</code> })}</p>
      )}
      <div class="chat-more">
        <ChatSettings />
        <ChatHistory />
      </div>
      <ChatMessages page={page} />
      <div class="chat-dock">
        <ChatNotice models={models} />
        <Composer ready={known} />
      </div>
    </div>
  )
}

/** The relay's language models, asked for again and again while the page is seen; takes one where none is chosen. */
function useModels() {
  const models = useSignal<readonly NetworkModel[] | null>(null)
  const trouble = useSignal<string | null>(null)
  useEffect(() => {
    let gone = false
    const look = async (): Promise<void> => {
      try {
        const all = await relay.models()
        if (gone) return
        models.value = all.filter(({ kind }) => kind === 'chat')
        trouble.value = null
        const begun = chat.current.value.messages.length > 0
        const model = modelToTake(models.value, chat.settings.value.model, begun)
        if (model !== null) chat.change({ model })
      } catch (error) {
        trouble.value = error instanceof Error ? error.message : String(error)
      }
    }
    void look()
    const timer = setInterval(() => void (document.hidden || look()), LOOK_MS)
    return () => {
      gone = true
      clearInterval(timer)
    }
  }, [])
  return { models: models.value, trouble: trouble.value }
}
