import type { ComponentChildren } from 'preact'

/** A part that scrolls by itself, also by keyboard. */
export function ScrollBox({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section class="lab-scroll" aria-label={label} tabIndex={0}>
      {children}
    </section>
  )
}
