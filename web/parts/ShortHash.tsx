import { useSignal } from '@preact/signals'
import { shorten } from '../state/shorten.ts'
import { say } from '../text/say.ts'

/** How long “Copied” stands, ms. */
const COPIED_MS = 1500

/** An address or a hash: shortened in the middle, whole on hover and focus, with a copy button. */
export function ShortHash({ text, href }: { text: string; href?: string }) {
  const copied = useSignal(false)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
    } catch {
      // No clipboard over plain HTTP: the whole text stands in the tooltip.
      return
    }
    copied.value = true
    setTimeout(() => {
      copied.value = false
    }, COPIED_MS)
  }
  const short = shorten(text)
  return (
    <span class="hash">
      {href === undefined ? (
        <code>{short}</code>
      ) : (
        <a href={href}>
          <code>{short}</code>
        </a>
      )}
      <button
        type="button"
        class="icon-button copy"
        aria-label={copied.value ? say('copy.done') : say('copy.label', { what: text })}
        onClick={copy}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
          {copied.value ? (
            <path d="M3 8.5l3.5 3.5L13 4.5" />
          ) : (
            <path d="M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z" />
          )}
        </svg>
      </button>
      <span class="hash-full" aria-hidden="true">
        {text}
      </span>
    </span>
  )
}
