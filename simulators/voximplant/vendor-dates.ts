// Dates as the Management API writes them: `YYYY-MM-DD HH:mm:ss` without a zone, in the zone that the request names.
import { Refusal } from './vendor-errors.ts'

const SHAPE = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})$/
/** No zone changes its offset within one. */
const QUARTER_MS = 900_000
const MOST_QUARTERS = 200_000

export const utcDate = (at: number): string =>
  new Date(at).toISOString().slice(0, 19).replace('T', ' ')

/** @throws Refusal 111 */
export function parseUtcDate(text: string): number {
  const parts = SHAPE.exec(text)
  if (parts === null) throw new Refusal(111)
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(1)
    .map(Number)
  const at = Date.UTC(year, month - 1, day, hour, minute, second)
  // 30 February is a day in March for Date: here it is none. The rest is carried in the same way.
  const date = new Date(at)
  const isCarried =
    date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || date.getUTCHours() !== hour
  if (isCarried || date.getUTCMinutes() !== minute) throw new Refusal(111)
  return at
}

export class Zone {
  readonly name: string
  readonly #format: Intl.DateTimeFormat
  readonly #offsets = new Map<number, number>()

  private constructor(name: string, format: Intl.DateTimeFormat) {
    this.name = name
    this.#format = format
  }

  static named(name: string): Zone | undefined {
    try {
      const format = new Intl.DateTimeFormat('en-CA', {
        timeZone: name,
        hourCycle: 'h23',
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
      })
      return new Zone(name, format)
    } catch {
      return undefined // Not a zone.
    }
  }

  write(at: number): string {
    return utcDate(at + this.#offsetAt(at))
  }

  /** @throws Refusal 111 */
  read(text: string): number {
    const asUtc = parseUtcDate(text)
    const near = asUtc - this.#offsetAt(asUtc)
    return asUtc - this.#offsetAt(near)
  }

  #offsetAt(at: number): number {
    const quarter = Math.floor(at / QUARTER_MS)
    const known = this.#offsets.get(quarter)
    if (known !== undefined) return known
    if (this.#offsets.size >= MOST_QUARTERS) this.#offsets.clear()
    const start = quarter * QUARTER_MS
    const parts = new Map(this.#format.formatToParts(start).map((part) => [part.type, part.value]))
    const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? ''
    const local = `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}:${part('second')}Z`
    const offset = Date.parse(local) - start
    this.#offsets.set(quarter, offset)
    return offset
  }
}

/** Zones are asked for again and again, and what they know of offsets is worth keeping. */
export class Zones {
  readonly #own: string
  readonly #known = new Map<string, Zone>()

  /** @param own of the account: what `auto` means, and a request that names none */
  constructor(own: string) {
    this.#own = own
  }

  named(asked: string | undefined): Zone | undefined {
    const name = asked === undefined || asked === 'auto' ? this.#own : asked
    const known = this.#known.get(name) ?? Zone.named(name)
    if (known !== undefined) this.#known.set(name, known)
    return known
  }
}
