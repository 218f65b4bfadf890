import { firstKernel } from '../../lab/firstKernel.ts'
import type { CheckAnswer, Comparison } from '../../lab/numbers/labNumbersApi.ts'
import { lab } from '../../lab.ts'
import { isWrong } from '../../state/isWrong.ts'
import type { LabResult as Result } from '../../state/labStore.ts'
import { labFormats } from '../../text/labFormats.ts'
import { sayLab, saySaid } from '../../text/sayLab.ts'
import { editorPlace } from './editorPlace.ts'
import { goToField } from './Field.tsx'
import { HeatMap } from './HeatMap.tsx'
import { leaveDraft } from './labAddress.ts'
import { OutputValues } from './OutputValues.tsx'
import { TroubleView } from './TroubleView.tsx'

/** Right or wrong first, then where and how far. */
export function LabResult() {
  const result = lab.result.value
  const stale = lab.stale.value && !lab.running.value
  return (
    <section
      class="card lab-result"
      aria-labelledby="lab-result"
      data-state={lab.running.value ? 'running' : lab.stale.value ? 'stale' : 'current'}
    >
      <div class="card-head">
        <h2 id="lab-result">{sayLab('result.title')}</h2>
        {lab.running.value && <span class="quiet note">{sayLab('lab.running')}</span>}
        {stale && result !== null && <span class="quiet note">{sayLab('result.stale')}</span>}
      </div>
      <div role="status">
        <Verdict result={result} />
      </div>
      {lab.session.value.programs === firstKernel.programs && isWrong(result) && (
        <p class="quiet">{sayLab('lab.first')}</p>
      )}
      {result?.kind === 'ran' && <Details check={result.check} />}
      {result?.kind === 'ran' && (
        <>
          <OutputValues outputs={result.outputs} />
          <p class="quiet note">{sayLab('result.took', { time: labFormats.time(result.tookMs) })}</p>
        </>
      )}
    </section>
  )
}

function Verdict({ result }: { result: Result | null }) {
  if (lab.held.value) return <p class="warning">{sayLab('result.held')}</p>
  if (result === null) {
    if (lab.messages.value.some(({ type }) => type === 'error'))
      return <p class="warning lab-verdict">{sayLab('result.broken')}</p>
    if (lab.faults.value.length > 0)
      return (
        <>
          <p class="warning lab-verdict">{sayLab('result.faults')}</p>
          <ul class="note">
            {lab.faults.value.map(({ field, label, words }) => (
              <li key={field + words.key}>
                <button type="button" class="link" onClick={() => goTo(field)}>
                  {saySaid(label)}
                </button>{' '}
                {saySaid(words)}
              </li>
            ))}
          </ul>
        </>
      )
    return <p class="quiet">{sayLab(lab.running.value ? 'result.running' : 'result.none')}</p>
  }
  switch (result.kind) {
    case 'refused':
      return <Refused />
    case 'ran':
      if (!result.ended) return <CheckLine check={result.check} />
      return (
        <>
          <p class="warning">{sayLab('gate.ended')}</p>
          <CheckLine check={result.check} />
        </>
      )
    case 'trouble':
      return <TroubleView trouble={result.trouble} />
    case 'hung':
      return (
        <p class="warning">
          {sayLab(result.busy ? 'result.stillBusy' : 'result.hung', { seconds: result.waitedMs / 1000 })}
        </p>
      )
    case 'waiting':
      return <p class="quiet">{sayLab('result.waiting')}</p>
    case 'lost':
      return <p class="warning">{sayLab('result.lost', { words: result.words.replace(/\.$/, '') })}</p>
    case 'failed':
      return <p class="warning">{sayLab('result.failed', { message: saySaid(result.said) })}</p>
    default:
      return result satisfies never
  }
}

/** Leads to a field, or to the program that a fault is in. */
function goTo(field: string): void {
  const program = /^program\.(\d+)$/.exec(field)
  if (program) editorPlace.value = { program: Number(program[1]), line: 1, column: 1 }
  else goToField(field)
}

function Refused() {
  return (
    <>
      <p class="warning lab-verdict">{sayLab('gate.refused')}</p>
      <ul class="note">
        {lab.refusals.value.map(({ program, line, column, rule, message }) => (
          <li key={`${program} ${line} ${rule} ${message}`}>
            <button
              type="button"
              class="link"
              onClick={() => {
                editorPlace.value = { program, line, column }
              }}
            >
              {sayLab('messages.at', { line, column })}
            </button>{' '}
            {sayLab('gate.rule', { rule })} <span lang="en">{message}</span>
          </li>
        ))}
      </ul>
      <p>
        <button
          type="button"
          class="button small"
          onClick={() => {
            // The tab may not live to be left.
            leaveDraft()
            lab.runRefused()
          }}
        >
          {sayLab('gate.run')}
        </button>{' '}
        <span class="quiet note">
          {sayLab(lab.device.value?.isFallbackAdapter ? 'gate.riskSoftware' : 'gate.risk')}
        </span>
      </p>
    </>
  )
}

function CheckLine({ check }: { check: CheckAnswer }) {
  if (check.kind === 'none') {
    const { result } = lab
    const silent = result.value?.kind === 'ran' && result.value.outputs.size === 0
    return <p class="quiet">{sayLab(silent ? 'result.noOutput' : 'result.unchecked')}</p>
  }
  if (check.kind === 'failed')
    return <p class="warning">{sayLab('result.noReference', { reason: saySaid(check.words) })}</p>
  const count = check.outputs.reduce((sum, output) => sum + output.count, 0)
  const wrong = check.outputs.reduce((sum, output) => sum + output.wrong, 0)
  return check.right ? (
    <>
      <p class="good lab-verdict">{sayLab('result.right', { n: count })}</p>
      {lab.session.value.check.kind === 'library' && check.outputs.some(({ maxUlp }) => maxUlp > 0) && (
        <p class="quiet note">{sayLab('result.bound')}</p>
      )}
    </>
  ) : (
    <p class="warning lab-verdict">{sayLab('result.wrong', { wrong, n: count })}</p>
  )
}

function Details({ check }: { check: CheckAnswer }) {
  if (check.kind !== 'compared') return null
  return (
    <>
      {check.words !== null && check.outputs.every(({ first }) => first === null) && <p>{check.words}</p>}
      {check.outputs.map((output) => (
        <Compared key={output.output} output={output} isNamed={check.outputs.length > 1} />
      ))}
    </>
  )
}

/** How one output compares; `isNamed` where it is one of several. */
function Compared({ output, isNamed }: { output: Comparison; isNamed: boolean }) {
  const buffer = lab.session.value.buffers.find(({ name }) => name === output.output)
  const float = buffer?.datatype.startsWith('FP') === true
  const distance = (value: number): string => {
    if (!Number.isFinite(value)) return sayLab('result.infinite')
    return float
      ? sayLab('result.ulp', { ulp: labFormats.number(value) })
      : sayLab('result.units', { n: labFormats.number(value) })
  }
  const { first } = output
  return (
    <>
      {isNamed && (
        <h3>
          <code>{output.output}</code>
        </h3>
      )}
      {first !== null && (
        <p>
          {sayLab('result.first', {
            output: output.output,
            at: first.at.join(', '),
            got: String(first.got),
            expected: String(first.expected),
          })}{' '}
          <span class="quiet">{sayLab('result.index', { index: String(first.index) })}</span>
        </p>
      )}
      <dl class="figures">
        <div>
          <dt>{sayLab('result.maxUlp')}</dt>
          <dd class="figure">{distance(output.maxUlp)}</dd>
        </div>
        <div>
          <dt>{sayLab('result.meanUlp')}</dt>
          <dd class="figure">{distance(output.meanUlp)}</dd>
        </div>
      </dl>
      {output.maxUlp > 0 && <HeatMap output={output} distance={distance} />}
    </>
  )
}
