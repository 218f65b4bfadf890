import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { sayLab } from '../../text/sayLab.ts'

/** A table that scrolls by itself, also by keyboard, and says so where it is wider than its place. */
export function ScrollBox({ label, children }: { label: string; children: ComponentChildren }) {
  const box = useRef<HTMLElement>(null)
  const isWider = useSignal(false)
  useEffect(() => {
    const { current } = box
    if (current === null) return
    // It hears of every size as soon as it is observed.
    const observer = new ResizeObserver(() => {
      isWider.value = current.scrollWidth > current.clientWidth
    })
    for (const element of [current, ...current.children]) observer.observe(element)
    return () => observer.disconnect()
  }, [isWider])
  return (
    <>
      {isWider.value && <p class="quiet note">{sayLab('table.wider')}</p>}
      <section
        class="lab-scroll"
        ref={box}
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        tabIndex={0}
      >
        {children}
      </section>
    </>
  )
}
