// How many bytes follow a head on a stream, and whether the head is SIP at all (RFC 3261 §18.3, §20.14).
import { canonicalHeaderName } from '../../message/header-names.ts'
import { trimBlanks, trimBlanksEnd } from '../../message/white-space.ts'

const SPACE = 32
const TAB = 9
/** First letters of `Content-Length` and of its compact form `l`: other lines are not made into strings. */
const INITIALS = new Set(Buffer.from('cClL'))
/** As `parseMessage` reads it: a number that one of them takes and the other refuses would lose the stream. */
const LENGTH = /^\d{1,9}$/

/** A request line ends with the version, a status line begins with it. */
export function isSipHead(head: Buffer): boolean {
  const line = head.toString('latin1', 0, head.indexOf('\r\n', 0, 'latin1')).trimEnd()
  return line.startsWith('SIP/') || line.startsWith('SIP/', line.lastIndexOf(' ') + 1)
}

/** Without the header there is no body; `undefined` when it is not a number, or there are two of them. */
export function readContentLength(head: Buffer): number | undefined {
  let length: number | undefined
  for (let from = nextLine(head, 0); from < head.length;) {
    const end = nextLine(head, from)
    if (INITIALS.has(head[from] ?? 0)) {
      const value = contentLengthOf(head.toString('latin1', from, end))
      if (value !== undefined) {
        if (length !== undefined || !LENGTH.test(value)) return undefined
        length = Number(value)
      }
    }
    from = end
  }
  return length ?? 0
}

/** Where the next header begins; a line that begins with a blank continues the one before it (§7.3.1). */
function nextLine(head: Buffer, from: number): number {
  for (let at = from; ;) {
    const lineBreak = head.indexOf('\r\n', at, 'latin1')
    if (lineBreak === -1) return head.length
    at = lineBreak + 2
    if (head[at] !== SPACE && head[at] !== TAB) return at
  }
}

function contentLengthOf(line: string): string | undefined {
  const colon = line.indexOf(':')
  if (colon === -1) return undefined
  const name = canonicalHeaderName(trimBlanksEnd(line.slice(0, colon)))
  return name === 'Content-Length' ? trimBlanks(line.slice(colon + 1)) : undefined
}
