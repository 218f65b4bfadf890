import { networkGlance } from '../state/networkGlance.ts'
import { formats, say } from '../text/say.ts'

/** What pressing Start agrees to, in five lines. */
export function Consent() {
  const models = networkGlance.value?.models
  const bytes = models?.reduce((sum, model) => sum + model.bytes, 0) ?? 0
  const data =
    bytes === 0 ? say('consent.dataUnknown') : say('consent.dataText', { size: formats.bytes(bytes) })
  const lines = [
    [say('consent.power'), say('consent.powerText')],
    [say('consent.data'), data],
    [say('consent.runs'), say('consent.runsText')],
    [say('consent.seen'), say('consent.seenText')],
    [say('consent.money'), say('consent.moneyText')],
  ] as const
  return (
    <div class="consent">
      <h3>{say('consent.title')}</h3>
      <dl>
        {lines.map(([title, text]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
