// The digits a `dtmf_request` asks for. Its payload is undocumented: a known key is looked at first, then any text
// that can only be keys.
import type { JsonObject } from './protocol.ts'

const KEYS = ['dtmf_tones', 'dtmf', 'digits', 'tones', 'keys', 'sequence'] as const
/** Keys, and pauses as the vendor writes them (`w` half a second, `W` one). */
const DIGITS = /^[0-9A-D*#wW,]{1,64}$/

/** Undefined when there are none to be found. */
export function digitsRequested(payload: JsonObject): string | undefined {
  const named = KEYS.map((key) => payload[key])
  const others = Object.entries(payload).flatMap(([key, value]) =>
    /id$/i.test(key) ? [] : [value],
  )
  const found = [...named, ...others].find(
    (value): value is string => typeof value === 'string' && DIGITS.test(value),
  )
  return found?.replaceAll('W', 'ww').replaceAll(',', 'w')
}
