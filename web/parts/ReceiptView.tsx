import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { relay, storage } from '../site.ts'
import type { ReceiptAnswer } from '../state/relayApi.ts'
import type { ReceiptRow } from '../state/relayDocuments.ts'
import { accountPath } from '../state/route.ts'
import { kindWord, verdictWords } from '../state/taskWords.ts'
import type { ShownStep } from '../state/verifyInBrowser.ts'
import { formats, say } from '../text/say.ts'
import { Credits } from './Credits.tsx'
import { ShortHash } from './ShortHash.tsx'
import { saveFile } from './saveFile.ts'

/** How soon to ask again for a receipt that waits for its checkpoint, ms. */
const PENDING_MS = 1500

/** One receipt in full, with its check on the spot. */
export function ReceiptView({ id, address }: { id: string; address: string }) {
  const answer = useSignal<ReceiptAnswer | null>(null)
  const trouble = useSignal<string | null>(null)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let gone = false
    const read = () =>
      relay.receipt(id).then(
        (read_) => {
          if (gone) return
          answer.value = read_
          if (read_.state === 'pending') timer = setTimeout(read, PENDING_MS)
        },
        (error: unknown) => {
          if (!gone) trouble.value = error instanceof Error ? error.message : String(error)
        },
      )
    void read()
    return () => {
      gone = true
      clearTimeout(timer)
    }
  }, [id, answer, trouble])
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const published = answer.value?.state === 'published' ? answer.value : null
  return (
    <section class="card receipt" aria-labelledby="receipt-title">
      <div class="card-head">
        <h2 id="receipt-title" ref={heading} tabIndex={-1}>
          {say('receipt.title')}
        </h2>
        <a class="button small" href={accountPath(address)}>
          {say('receipt.close')}
        </a>
      </div>
      {trouble.value !== null && (
        <p class="warning" role="alert">
          {say('receipt.failed', { reason: trouble.value })}
        </p>
      )}
      {trouble.value === null && published === null && (
        <p class="quiet" role="status">
          {say(answer.value === null ? 'receipt.reading' : 'receipt.pending')}
        </p>
      )}
      {published !== null && (
        <>
          {published.receipt.account.toLowerCase() !== address.toLowerCase() && (
            <p class="warning">{say('receipt.other')}</p>
          )}
          <ReceiptFields receipt={published.receipt} />
          <Verification document={published.document} id={id} />
        </>
      )}
    </section>
  )
}

function ReceiptFields({ receipt }: { receipt: ReceiptRow }) {
  const { word, why } = verdictWords(receipt.verdict)
  const lanes: Record<string, string> = { exact: say('receipt.exact'), float: say('receipt.float') }
  return (
    <dl class="facts">
      <Field name={say('receipt.id')}>
        <ShortHash text={receipt.id} />
      </Field>
      {receipt.at !== undefined && (
        <Field name={say('receipt.at')}>{formats.moment(Date.parse(receipt.at))}</Field>
      )}
      <Field name={say('receipt.credit')}>
        <Credits microCredits={receipt.microCredits} />
      </Field>
      <Field name={say('receipt.verdict')}>
        {why === '' ? word : say('receipt.verdictWhy', { word, why })}
      </Field>
      <Field name={say('receipt.kind')}>{kindWord(receipt.kind)}</Field>
      <Field name={say('receipt.lane')}>{lanes[receipt.lane] ?? receipt.lane}</Field>
      <Field name={say('receipt.operations')}>{formats.number(receipt.operations)}</Field>
      <Field name={say('receipt.deviceClass')}>{receipt.deviceClass}</Field>
      <Field name={say('receipt.account')}>
        <ShortHash text={receipt.account} href={accountPath(receipt.account)} />
      </Field>
      <Field name={say('receipt.subject')}>
        <ShortHash text={receipt.subject} />
      </Field>
      <Field name={say('receipt.input')}>
        <ShortHash text={receipt.input} />
      </Field>
      <Field name={say('receipt.output')}>
        <ShortHash text={receipt.output} />
      </Field>
      {receipt.seed !== null && (
        <Field name={say('receipt.seed')}>
          <span class="mono">{receipt.seed}</span>
        </Field>
      )}
      <Field name={say('receipt.task')}>
        <ShortHash text={receipt.task} />
      </Field>
      <Field name={say('receipt.relay')}>
        <span class="mono">{receipt.relay}</span>
      </Field>
      <Field name={say('receipt.previous')}>
        {receipt.previous === null ? (
          say('receipt.first')
        ) : (
          <ShortHash text={receipt.previous} href={accountPath(receipt.account, receipt.previous)} />
        )}
      </Field>
    </dl>
  )
}

const Field = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)

type Check =
  | { state: 'not-asked' | 'busy' }
  | { state: 'failed'; reason: string }
  | { state: 'done'; valid: boolean; steps: ShownStep[] }

function Verification({ document, id }: { document: unknown; id: string }) {
  const check = useSignal<Check>({ state: 'not-asked' })
  const verify = async () => {
    check.value = { state: 'busy' }
    try {
      const { verifyInBrowser } = await import('../state/verifyInBrowser.ts')
      const outcome = await verifyInBrowser(document, {
        subtle: globalThis.crypto.subtle,
        verifierKey: () => relay.verifierKey(),
        storage,
        now: Date.now,
        verifyEip712: async (signed) => (await import('../state/eip712.ts')).verifyEip712(signed),
      })
      check.value = { state: 'done', ...outcome }
    } catch (error) {
      check.value = { state: 'failed', reason: error instanceof Error ? error.message : String(error) }
    }
  }
  const { value } = check
  return (
    <div class="verification">
      <p class="quiet">{say('verify.lead')}</p>
      <div class="buttons">
        <button type="button" class="button primary" disabled={value.state === 'busy'} onClick={verify}>
          {say(value.state === 'busy' ? 'verify.busy' : 'verify.button')}
        </button>
        <button
          type="button"
          class="button"
          onClick={() => saveFile(`${id}.json`, 'application/json', JSON.stringify(document, null, 2))}
        >
          {say('verify.save')}
        </button>
      </div>
      <div role="status">
        {value.state === 'failed' && <p class="warning">{say('verify.failed', { reason: value.reason })}</p>}
        {value.state === 'done' && (
          <p class={value.valid ? 'outcome good' : 'outcome warning'}>
            {say(value.valid ? 'verify.valid' : 'verify.invalid')}
          </p>
        )}
      </div>
      {value.state === 'done' && (
        <ol class="steps">
          {value.steps.map(({ ok, title, text }) => (
            <li key={title} data-ok={ok}>
              <p class="step-title">
                <span class="step-mark">{say(ok ? 'verify.ok' : 'verify.bad')}</span> {title}
              </p>
              <p class="quiet">{text}</p>
            </li>
          ))}
        </ol>
      )}
    </div>
  )
}
