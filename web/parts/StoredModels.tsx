import type { StoredModel } from '../../worker/link/tabApi.ts'
import { tab } from '../site.ts'
import { memoryChoices, storageChoices } from '../state/settings.ts'
import { formats, say } from '../text/say.ts'

/** The models that this browser keeps, with their sizes, and how much room they may take. */
export function StoredModels() {
  const { models, storage } = tab.snapshot.value
  const { storageBytes, memoryBytes } = tab.settings.value
  const memories = [...new Set([...memoryChoices, memoryBytes])].sort((a, b) => a - b)
  const choices = [...new Set([...storageChoices, storageBytes])].sort((a, b) => a - b)
  return (
    <section class="card" aria-labelledby="models-title">
      <h2 id="models-title">{say('models.title')}</h2>
      {models.length === 0 ? (
        <p class="quiet">{say('models.empty')}</p>
      ) : (
        <ul class="rows">
          {models.map((model) => (
            <ModelRow key={model.hash} model={model} />
          ))}
        </ul>
      )}
      <div class="storage">
        <meter
          min={0}
          max={Math.max(1, storage.allowedBytes)}
          value={storage.usedBytes}
          aria-label={say('models.title')}
        />
        <p class="figure quiet">
          {say('storage.used', {
            used: formats.bytes(storage.usedBytes),
            allowed: formats.bytes(storage.allowedBytes),
          })}
        </p>
        <label>
          {say('storage.allowed')}
          <select
            value={storageBytes}
            onChange={(event) => tab.setStorageBytes(Number(event.currentTarget.value))}
          >
            {choices.map((bytes) => (
              <option key={bytes} value={bytes}>
                {formats.bytes(bytes)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {say('memory.allowed')}
          <select
            value={memoryBytes}
            onChange={(event) => tab.setMemoryBytes(Number(event.currentTarget.value))}
          >
            {memories.map((bytes) => (
              <option key={bytes} value={bytes}>
                {bytes === 0 ? say('memory.none') : formats.bytes(bytes)}
              </option>
            ))}
          </select>
        </label>
        <p class="quiet hint">{say('memory.hint')}</p>
      </div>
    </section>
  )
}

function ModelRow({ model }: { model: StoredModel }) {
  const whole = model.storedBytes >= model.bytes
  return (
    <li>
      <div class="row-main">
        <span class="row-what">{model.id}</span>
        <button
          type="button"
          class="button small"
          aria-label={say('models.deleteLabel', { model: model.id })}
          disabled={model.storedBytes === 0}
          onClick={() => tab.deleteModel(model.hash)}
        >
          {say('models.delete')}
        </button>
      </div>
      <div class="row-more">
        <span class="figure">
          {whole
            ? formats.bytes(model.bytes)
            : say('models.partial', {
                stored: formats.bytes(model.storedBytes),
                total: formats.bytes(model.bytes),
              })}
        </span>
        <span>{whole && say(model.ready ? 'models.ready' : 'models.stored')}</span>
      </div>
      {model.error && <p class="quiet">{say('models.failed', { reason: model.error.message })}</p>}
    </li>
  )
}
