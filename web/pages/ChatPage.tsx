import '../styles/chat.css'
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { NetworkModel } from '../../protocol/network.ts'
import { chat } from '../chat.ts'
import { ChatHistory } from '../parts/chat/ChatHistory.tsx'
import { ChatMessages } from '../parts/chat/ChatMessages.tsx'
import { ChatSettings } from '../parts/chat/ChatSettings.tsx'
import { Composer } from '../parts/chat/Composer.tsx'
import { relay } from '../site.ts'
import { say, sayParts } from '../text/say.ts'

/** How often the page asks which models can answer, ms. */
const LOOK_MS = 5_000
const PULL = 'npm run opentab -- models pull smollm2-135m-instruct'

/** A page to talk to the network. */
export function ChatPage() {
  const { models, trouble } = useModels()
  const known = models?.some(({ id }) => id === chat.settings.value.model) ?? false
  return (
    <div class="chat">
      <div class="chat-head">
        <h1>{say('chat.title')}</h1>
        <ModelChoice models={models} />
        <button type="button" class="button small" onClick={chat.begin}>
          {say('chat.new')}
        </button>
      </div>
      {trouble !== null && models === null && <p class="warning">{trouble}</p>}
      {models?.length === 0 && (
        <p class="note">{sayParts('chat.noModels', { command: <code key="command">{PULL}</code> })}</p>
      )}
      <ChatMessages />
      <Composer ready={known} />
      <div class="chat-more">
        <ChatSettings />
        <ChatHistory />
      </div>
    </div>
  )
}

function ModelChoice({ models }: { models: readonly NetworkModel[] | null }) {
  const { model } = chat.settings.value
  if (models === null) return <p class="quiet">{say('chat.asking')}</p>
  if (models.length === 0) return null
  const chosen = models.find(({ id }) => id === model)
  return (
    <p class="chat-model">
      <label>
        {say('chat.model')}{' '}
        <select value={model ?? ''} onChange={(event) => chat.change({ model: event.currentTarget.value })}>
          {models.map(({ id }) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
        </select>
      </label>{' '}
      <span class={`figure ${chosen?.ready ? 'quiet' : 'warning'}`} role="status">
        {say('chat.tabs', { n: chosen?.ready ? chosen.tabs : 0 })}
      </span>
    </p>
  )
}

/** The relay's language models, asked for again and again while the page is seen; chooses one where none is chosen. */
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
        const { model } = chat.settings.value
        const best = models.value.find(({ ready }) => ready) ?? models.value[0]
        if (best && !models.value.some(({ id }) => id === model)) chat.change({ model: best.id })
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
