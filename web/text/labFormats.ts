import { locale } from './say.ts'

const tag = locale.number.resolvedOptions().locale
const three = new Intl.NumberFormat(tag, { maximumSignificantDigits: 3 })
const unit = (name: string) =>
  new Intl.NumberFormat(tag, { style: 'unit', unit: name, unitDisplay: 'short', maximumSignificantDigits: 3 })
const units = { microsecond: unit('microsecond'), millisecond: unit('millisecond'), second: unit('second') }

const share = new Intl.NumberFormat(tag, { style: 'percent', maximumSignificantDigits: 2 })

/** Figures of the lab, three significant digits. */
export const labFormats = {
  number: (value: number): string => three.format(value),
  /** 0..1 as a percentage. */
  share: (value: number): string => share.format(value),
  /** A short time in its own unit: `12.3 μs`, `4.56 ms`. */
  time(ms: number): string {
    if (ms < 1) return units.microsecond.format(ms * 1000)
    return ms < 1000 ? units.millisecond.format(ms) : units.second.format(ms / 1000)
  },
}
