// What an order number looks like: IVR_ORDER_PATTERN, a pattern of digits. It is matched here in one pass and not by
// RegExp, where `\d{0,9}` ten times over takes minutes for one number that does not fit.
import { AppError } from '#core/errors'

export interface OrderNumberRule {
  /** ASCII digits alone, and no more than `maxDigits`. */
  isOrderNumber(digits: string): boolean
  readonly maxDigits: number
}

/** What nobody types without a mistake; a longer pattern is cut there. */
const MOST_DIGITS = 32

const DIGITS = Array.from({ length: 10 }, (_, digit) => String(digit))

/** `from` to `to` times one of `digits`. */
interface Piece {
  readonly digits: ReadonlySet<string>
  readonly from: number
  readonly to: number
}

/** @throws AppError `CONFIGURATION_INVALID` when it is none, or no number of digits fits it. */
export function createOrderNumberRule(pattern: string): OrderNumberRule {
  const pieces = parsePattern(pattern)
  const longest = pieces.reduce((sum, { to }) => sum + to, 0)
  const shortest = pieces.reduce((sum, { from }) => sum + from, 0)
  if (longest === 0 || shortest > MOST_DIGITS) throw invalid()
  const maxDigits = Math.min(longest, MOST_DIGITS)
  return {
    maxDigits,
    isOrderNumber: (digits) =>
      digits.length <= maxDigits && /^[0-9]+$/.test(digits) && matches(pieces, digits),
  }
}

/** As people write and paste it: without blanks, `#` and what stands between groups of digits. */
export const normaliseOrderNumber = (text: string): string => text.replaceAll(/[\s#./-]/g, '')

const PIECE =
  /(?:(?<any>\\d)|(?<one>\d)|\[(?<some>(?:\d(?:-\d)?)+)\])(?:(?<maybe>\?)|\{(?<from>\d{1,2})(?:,(?<to>\d{1,2}))?\})?/y

function parsePattern(pattern: string): Piece[] {
  const text = pattern.replace(/^\^/, '').replace(/\$$/, '')
  const pieces: Piece[] = []
  PIECE.lastIndex = 0
  let end = 0
  while (end < text.length) {
    const groups = PIECE.exec(text)?.groups
    if (!groups) throw invalid()
    end = PIECE.lastIndex
    pieces.push(readPiece(groups))
  }
  return pieces
}

function readPiece(groups: Readonly<Record<string, string | undefined>>): Piece {
  const { one, some, maybe, from, to } = groups
  const least = maybe ? 0 : Number(from ?? 1)
  const most = maybe ? 1 : Number(to ?? from ?? 1)
  if (least > most) throw invalid()
  return { digits: new Set(one ?? classOf(some ?? '0-9')), from: least, to: most }
}

function classOf(text: string): string[] {
  return [...text.matchAll(/(\d)(?:-(\d))?/g)].flatMap(([, first = '', last = first]) => {
    if (last < first) throw invalid()
    return DIGITS.filter((digit) => digit >= first && digit <= last)
  })
}

/** Every place up to which the pieces so far can reach, piece after piece. */
function matches(pieces: readonly Piece[], digits: string): boolean {
  let places = new Set([0])
  for (const { digits: allowed, from, to } of pieces) {
    const next = new Set<number>()
    for (const place of places) {
      let length = 0
      while (length < to && allowed.has(digits.charAt(place + length))) length++
      for (let taken = from; taken <= length; taken++) next.add(place + taken)
    }
    places = next
  }
  return places.has(digits.length)
}

const invalid = (): AppError =>
  new AppError(
    'CONFIGURATION_INVALID',
    'IVR_ORDER_PATTERN must be a pattern of digits such as [0-9]{4,12} or 7\\d{5}',
  )
