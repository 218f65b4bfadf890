import { computed, type ReadonlySignal, signal } from '@preact/signals'

export interface Theme {
  dark: ReadonlySignal<boolean>
  /** Switches; a choice that equals the system's is not kept, so that the page follows the system again. */
  toggle(): void
}

const KEY = 'opentab.theme'

/** Dark or light: the system's choice until the person makes their own. Written to `data-theme` of the root element. */
export function createTheme(
  root: { dataset: DOMStringMap },
  system: Pick<MediaQueryList, 'matches' | 'addEventListener'>,
  storage: { get(key: string): string | null; set(key: string, value: string): void },
): Theme {
  const systemDark = signal(system.matches)
  const stored = storage.get(KEY)
  const chosen = signal<'dark' | 'light' | null>(stored === 'dark' || stored === 'light' ? stored : null)
  const dark = computed(() => (chosen.value === null ? systemDark.value : chosen.value === 'dark'))
  system.addEventListener('change', (event) => {
    systemDark.value = event.matches
  })
  dark.subscribe((isDark) => {
    root.dataset.theme = isDark ? 'dark' : 'light'
  })
  return {
    dark,
    toggle: () => {
      const next = !dark.value
      chosen.value = next === systemDark.value ? null : next ? 'dark' : 'light'
      storage.set(KEY, chosen.value ?? '')
    },
  }
}
