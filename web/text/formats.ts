/** Numbers, amounts, sizes and times as people of one locale write them. */
export interface Formats {
  number(value: number): string
  /** Integer micro-credits as decimal string -> credits, three decimals (six for the very small). */
  credits(microCredits: string): string
  /** All six decimals, for the tooltip. */
  exactCredits(microCredits: string): string
  bytes(bytes: number): string
  /** 0..1 -> percent. */
  percent(share: number): string
  /** Operations / second in 10^9, three significant digits. */
  gflops(value: number): string
  /** A mark of an axis: up to three significant digits, so that small marks differ. */
  axis(value: number): string
  /** A length of time in its largest sensible unit, in words: `2 minutes`. */
  duration(ms: number): string
  /** A computing time with its unit, short: `412 ms`, `1.24 sec`. */
  computeTime(ms: number): string
  /** Time of day with seconds. */
  time(epochMs: number): string
  /** Time of day without seconds. */
  minute(epochMs: number): string
  /** Date and time. */
  moment(epochMs: number): string
  /** Calendar day of an ISO 8601 moment. */
  day(epochMs: number): string
}

/** Micro-credits as an exact decimal of credits: `-5` -> `-0.000005`. */
export function creditsDecimal(microCredits: string): `${number}` {
  const negative = microCredits.startsWith('-')
  const digits = (negative ? microCredits.slice(1) : microCredits).padStart(7, '0')
  return `${negative ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}` as `${number}`
}

const byteUnits = [
  ['gigabyte', 1e9],
  ['megabyte', 1e6],
  ['kilobyte', 1e3],
] as const

const timeUnits = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

/** Formats of one locale; `timeZone` only for tests. */
export function createFormats(locale: string, timeZone?: string): Formats {
  const cached = new Map<string, Intl.NumberFormat>()
  const numbers = (options: Intl.NumberFormatOptions): Intl.NumberFormat => {
    const key = JSON.stringify(options)
    let format = cached.get(key)
    if (format === undefined) {
      format = new Intl.NumberFormat(locale, options)
      cached.set(key, format)
    }
    return format
  }
  const unit = (name: string, value: number, digits: number, display: 'short' | 'long') =>
    numbers({
      style: 'unit',
      unit: name,
      unitDisplay: display,
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    }).format(value)
  const dates = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, timeZone === undefined ? options : { ...options, timeZone })
  const time = dates({ hour: '2-digit', minute: '2-digit', second: '2-digit' })
  const minute = dates({ hour: '2-digit', minute: '2-digit' })
  const moment = dates({ dateStyle: 'medium', timeStyle: 'medium' })
  const day = dates({ dateStyle: 'medium' })

  const creditDigits = (microCredits: string, digits: number) =>
    numbers({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(
      creditsDecimal(microCredits),
    )

  return {
    number: (value) => numbers({}).format(value),
    credits: (microCredits) => {
      const size = microCredits.replace('-', '')
      return creditDigits(microCredits, size !== '0' && size.length <= 3 ? 6 : 3)
    },
    exactCredits: (microCredits) => creditDigits(microCredits, 6),
    bytes: (bytes) => {
      for (const [name, size] of byteUnits) {
        if (bytes >= size * 0.9995) return unit(name, bytes / size, bytes / size < 99.95 ? 1 : 0, 'short')
      }
      return unit('byte', bytes, 0, 'long')
    },
    percent: (share) => numbers({ style: 'percent', maximumFractionDigits: 0 }).format(share),
    gflops: (value) =>
      numbers({ minimumSignificantDigits: 3, maximumSignificantDigits: 3, roundingPriority: 'auto' }).format(
        value,
      ),
    axis: (value) => numbers({ maximumSignificantDigits: 3 }).format(value),
    duration: (ms) => {
      for (const [name, size] of timeUnits)
        if (ms >= size) return unit(name, Math.floor(ms / size), 0, 'long')
      return unit('second', Math.max(0, Math.floor(ms / 1000)), 0, 'long')
    },
    computeTime: (ms) =>
      ms < 1000
        ? unit('millisecond', ms, ms < 10 ? 1 : 0, 'short')
        : unit('second', ms / 1000, ms < 10_000 ? 2 : 1, 'short'),
    time: (epochMs) => time.format(epochMs),
    minute: (epochMs) => minute.format(epochMs),
    moment: (epochMs) => moment.format(epochMs),
    day: (epochMs) => day.format(epochMs),
  }
}
