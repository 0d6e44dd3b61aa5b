// The ruler: ticks that people count in, as many as fit.
const STEPS_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000,
  300_000, 600_000, 900_000, 1_800_000, 3_600_000,
] as const
/** Room for `12:34.567`. */
const LEAST_PX = 84
const MOST_TICKS = 200

export interface Tick {
  readonly ms: number
  readonly label: string
}

export const tickStep = (pxPerMs: number): number =>
  STEPS_MS.find((step) => step * pxPerMs >= LEAST_PX) ?? STEPS_MS[STEPS_MS.length - 1] ?? 1

export function ticks(fromMs: number, toMs: number, pxPerMs: number): readonly Tick[] {
  const step = tickStep(pxPerMs)
  const first = Math.ceil(fromMs / step)
  const count = Math.min(MOST_TICKS, Math.max(0, Math.floor(toMs / step) - first + 1))
  return Array.from({ length: count }, (_, index) => {
    const ms = (first + index) * step
    return { ms, label: clockText(ms, step) }
  })
}

/**
 * `1:05`, `1:05.250`, `1:02:03`; before the call was created `−0:00.012`.
 * @param stepMs as exact as this asks for
 */
export function clockText(ms: number, stepMs = 1): string {
  const digits = stepMs >= 1000 ? 0 : stepMs >= 100 ? 1 : stepMs >= 10 ? 2 : 3
  const unit = 10 ** (3 - digits)
  const rounded = Math.round(Math.abs(ms) / unit) * unit
  const hours = Math.floor(rounded / 3_600_000)
  const minutes = Math.floor((rounded % 3_600_000) / 60_000)
  const seconds = (rounded % 60_000) / 1000
  const [whole = '0', fraction] = seconds.toFixed(digits).split('.')
  const two = (text: string): string => text.padStart(2, '0')
  const head = hours > 0 ? `${hours}:${two(String(minutes))}` : String(minutes)
  const sign = ms < 0 && rounded > 0 ? '−' : ''
  return `${sign}${head}:${two(whole)}${fraction === undefined ? '' : `.${fraction}`}`
}
