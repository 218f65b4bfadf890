import { chat } from '../../chat.ts'
import { say } from '../../text/say.ts'

/** Choices for the answers, folded away. */
export function ChatSettings() {
  const { temperature, seed, maxTokens, system, apiKey } = chat.settings.value
  return (
    <details class="card">
      <summary>{say('chat.settings')}</summary>
      <div class="chat-settings">
        <NumberField
          id="chat-temperature"
          label={say('chat.temperature')}
          hint={say('chat.temperatureHint')}
          value={temperature}
          min={0}
          max={2}
          step={0.1}
          take={(value) => chat.change({ temperature: value })}
        />
        <NumberField
          id="chat-seed"
          label={say('chat.seed')}
          hint={say('chat.seedHint')}
          value={seed}
          min={0}
          max={Number.MAX_SAFE_INTEGER}
          step={1}
          take={(value) => chat.change({ seed: value })}
        />
        <NumberField
          id="chat-limit"
          label={say('chat.limit')}
          hint={say('chat.limitHint')}
          value={maxTokens}
          min={1}
          max={1_000_000}
          step={1}
          take={(value) => chat.change({ maxTokens: value })}
        />
        <div class="field wide">
          <label for="chat-system">{say('chat.system')}</label>
          <textarea
            id="chat-system"
            rows={2}
            value={system}
            aria-describedby="chat-system-hint"
            onInput={(event) => chat.change({ system: event.currentTarget.value })}
          />
          <p class="quiet hint" id="chat-system-hint">
            {say('chat.systemHint')}
          </p>
        </div>
        {/* Browsers want a form around a password. Enter sends nothing: the key is taken as it is typed. */}
        <form class="field" onSubmit={(event) => event.preventDefault()}>
          <label for="chat-key">{say('chat.apiKey')}</label>
          <input
            id="chat-key"
            type="password"
            autocomplete="off"
            value={apiKey}
            aria-describedby="chat-key-hint"
            onInput={(event) => chat.change({ apiKey: event.currentTarget.value })}
          />
          <p class="quiet hint" id="chat-key-hint">
            {say('chat.apiKeyHint')}
          </p>
        </form>
      </div>
    </details>
  )
}

function NumberField(props: {
  id: string
  label: string
  hint?: string
  value: number | null
  min: number
  max: number
  step: number
  take(value: number | null): void
}) {
  const { id, label, hint, value, min, max, step, take } = props
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="number"
        inputMode="decimal"
        min={min}
        max={max}
        step={step}
        value={value ?? ''}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onInput={({ currentTarget }) => {
          // What the browser cannot read as such a number is not taken; the field keeps it for mending.
          if (currentTarget.value === '' && currentTarget.validity.valid) take(null)
          else if (currentTarget.validity.valid) take(currentTarget.valueAsNumber)
        }}
      />
      {hint !== undefined && (
        <p class="quiet hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  )
}
