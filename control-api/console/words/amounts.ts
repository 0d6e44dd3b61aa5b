// How moments, lengths and sums are written for the reader: their language, their time zone.
import { locale } from './language.ts'

/** `21 Nov 2026, 14:03:07`, in the viewer's zone; today's without the day. */
export function moment(at: string | number, now = new Date()): string {
  const date = new Date(at)
  const isToday = date.toDateString() === now.toDateString()
  return date.toLocaleString(locale(), {
    ...(isToday ? {} : { day: 'numeric', month: 'short', year: 'numeric' }),
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
}

/** `2 h 5 min`, `3 min 07 s`, `12.3 s`, `80 ms`. */
export function duration(seconds: number): string {
  const unit = (value: number, name: string, digits = 0): string =>
    new Intl.NumberFormat(locale(), {
      style: 'unit',
      unit: name,
      unitDisplay: 'short',
      maximumFractionDigits: digits,
    }).format(value)
  if (seconds === 0) return unit(0, 'second')
  if (Math.abs(seconds) < 1) return unit(Math.round(seconds * 1000), 'millisecond')
  if (Math.abs(seconds) < 60) return unit(seconds, 'second', 1)
  const whole = Math.round(seconds)
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)]
  const parts =
    hours > 0
      ? ([
          [hours, 'hour'],
          [minutes, 'minute'],
        ] as const)
      : ([
          [minutes, 'minute'],
          [whole % 60, 'second'],
        ] as const)
  return parts
    .filter(([value]) => value > 0)
    .map(([value, name]) => unit(value, name))
    .join(' ')
}

export const number = (value: number, digits = 0): string =>
  value.toLocaleString(locale(), { maximumFractionDigits: digits })

export const percent = (share: number, digits = 0): string =>
  share.toLocaleString(locale(), { style: 'percent', maximumFractionDigits: digits })

export const money = (amountMinor: number, currency = 'USD'): string =>
  (amountMinor / 100).toLocaleString(locale(), { style: 'currency', currency })

export const bytes = (value: number): string => {
  const [size, unit] = value < 1e6 ? [value / 1e3, 'kilobyte'] : [value / 1e6, 'megabyte']
  return size.toLocaleString(locale(), { style: 'unit', unit, maximumFractionDigits: 1 })
}

/** As the API takes it: the IANA name. */
export const viewerTimeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone
