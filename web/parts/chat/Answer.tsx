import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { chat } from '../../chat.ts'
import { now } from '../../site.ts'
import { type AnswerFacts, tokensPerSecond } from '../../state/chatHistory.ts'
import { formats, say } from '../../text/say.ts'
import { AnswerReceipts } from './AnswerReceipts.tsx'
import { Markdown } from './Markdown.tsx'

/** How long “Copied” stands, ms. */
const COPIED_MS = 1500

/** One answer: its text, how it ended, how fast it was, who made it. */
export function Answer({ text, facts, last }: { text: string; facts: AnswerFacts; last: boolean }) {
  const raw = useSignal(false)
  const ended = facts.state !== 'writing'
  return (
    <>
      {text === '' && !ended && <Waiting />}
      {raw.value ? <pre class="chat-raw">{text}</pre> : <Markdown text={text} />}
      {text !== '' && !ended && <Pace />}
      <Outcome facts={facts} />
      {ended && (
        <div class="chat-under">
          <Figures facts={facts} />
          {facts.receipts.length > 0 && <AnswerReceipts ids={facts.receipts} />}
          <span class="chat-actions">
            {text !== '' && <Copy text={text} />}
            {text !== '' && (
              <button type="button" class="button small" onClick={() => (raw.value = !raw.value)}>
                {say(raw.value ? 'chat.rendered' : 'chat.raw')}
              </button>
            )}
            {last && !chat.writing.value && (
              <button type="button" class="button small" onClick={() => void chat.regenerate()}>
                {say(facts.state === 'failed' ? 'chat.retry' : 'chat.regenerate')}
              </button>
            )}
          </span>
        </div>
      )}
    </>
  )
}

function Waiting() {
  const since = useSignal(Date.now())
  const waitMs = now.value - since.value
  return (
    <p class="quiet" role="status">
      {waitMs < 1000 ? say('chat.waitingNow') : say('chat.waiting', { wait: formats.duration(waitMs) })}
    </p>
  )
}

/** Stands from the first text on, so that nothing jumps. */
function Pace() {
  const { value } = chat.pace
  return (
    <p class="figure quiet note">
      {value === null
        ? say('chat.writingNow')
        : say('chat.pace', { speed: formats.number(Number(value.toPrecision(2))) })}
    </p>
  )
}

function Outcome({ facts }: { facts: AnswerFacts }) {
  const { state, reason, trouble } = facts
  if (state === 'failed')
    return (
      <p class="warning" role="alert">
        {say('chat.failed', { reason: trouble ?? '' })}
      </p>
    )
  if (state === 'stopped') return <p class="quiet note">{say('chat.stopped')}</p>
  if (reason === 'length') return <p class="quiet note">{say('chat.length')}</p>
  if (reason === 'tool_calls') return <p class="quiet note">{say('chat.tools')}</p>
  return null
}

function Figures({ facts }: { facts: AnswerFacts }) {
  const { tokens, promptTokens, cachedTokens, firstMs } = facts
  if (tokens === null) return null
  const speed = tokensPerSecond(facts)
  const prompt = { prompt: formats.number(promptTokens ?? 0), cached: formats.number(cachedTokens ?? 0) }
  return (
    <span class="chat-figures figure quiet" title={say('chat.prompt', prompt)}>
      <span>
        {speed === null
          ? say('chat.tokens', { n: tokens })
          : say('chat.speed', { n: tokens, speed: formats.number(Number(speed.toPrecision(3))) })}
      </span>
      {firstMs !== null && <span>{say('chat.first', { time: formats.computeTime(firstMs) })}</span>}
    </span>
  )
}

function Copy({ text }: { text: string }) {
  const copied = useSignal(false)
  useEffect(() => {
    if (!copied.value) return
    const timer = setTimeout(() => {
      copied.value = false
    }, COPIED_MS)
    return () => clearTimeout(timer)
  }, [copied.value])
  const copy = async () => {
    // No clipboard over plain HTTP: the text can still be marked and copied by hand.
    copied.value = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    )
  }
  return (
    <button type="button" class="button small" onClick={copy}>
      {say(copied.value ? 'chat.copied' : 'chat.copy')}
    </button>
  )
}
