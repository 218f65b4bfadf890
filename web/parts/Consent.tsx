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
    <section class="card consent" aria-labelledby="consent-title">
      <h2 id="consent-title">{say('consent.title')}</h2>
      <dl id="consent">
        {lines.map(([title, text]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
