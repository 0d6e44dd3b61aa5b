// Two servers' messages made comparable: what must differ (tags, branches, ports, times) becomes a word, the order of
// headers and parameters goes away, and what is left is said line by line.
import type { Stage } from './stage.ts'
import { headerOf, type SipText } from './sip-text.ts'
import { PEER_TAG } from './wire-peer.ts'

/** A name that says nothing about behaviour. */
const IGNORED: ReadonlySet<string> = new Set(['user-agent', 'server', 'date', 'content-length'])
/** Lists of words: their order means nothing. */
const WORD_LISTS: ReadonlySet<string> = new Set(['allow', 'supported', 'require', 'unsupported'])

export interface Transcript {
  /** `INVITE#1` → its lines. Repetitions of a message count once. */
  readonly messages: ReadonlyMap<string, readonly string[]>
  readonly notes: readonly string[]
}

export function transcriptOf({ peer, serverPort, notes }: Stage): Transcript {
  const words = new Words(peer.port, serverPort)
  const messages = new Map<string, readonly string[]>()
  const seen = new Set<string>()
  const counts = new Map<string, number>()
  for (const message of peer.received) {
    if (seen.has(message.text)) continue
    seen.add(message.text)
    const nth = (counts.get(message.what) ?? 0) + 1
    counts.set(message.what, nth)
    messages.set(`${message.what}#${nth}`, linesOf(message, words))
  }
  return { messages, notes: notes.map((note) => words.plain(note)) }
}

/** What the embedded server does otherwise; empty when nothing. */
export function differences(real: Transcript, ours: Transcript): string[] {
  const keys = new Set([...real.messages.keys(), ...ours.messages.keys()])
  const found = [...keys].flatMap((key) => {
    const theirs = real.messages.get(key)
    const own = ours.messages.get(key)
    if (theirs === undefined) return [`${key}: only embedded sends it`]
    if (own === undefined) return [`${key}: only drachtio-server sends it`]
    return linesApart(theirs, own).map((line) => `${key}: ${line}`)
  })
  return [...found, ...linesApart(real.notes, ours.notes).map((line) => `application: ${line}`)]
}

function linesApart(theirs: readonly string[], own: readonly string[]): string[] {
  return [
    ...without(theirs, own).map((line) => `drachtio-server only: ${line}`),
    ...without(own, theirs).map((line) => `embedded only: ${line}`),
  ]
}

function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = [...others]
  return lines.filter((line) => {
    const index = left.indexOf(line)
    if (index !== -1) left.splice(index, 1)
    return index === -1
  })
}

function linesOf(message: SipText, words: Words): string[] {
  const { body, headers, startLine } = message
  const length = Number(headerOf(message, 'Content-Length'))
  const lines = headers
    .filter(([name]) => !IGNORED.has(name.toLowerCase()))
    .map(([name, value]) =>
      headerLine(name.toLowerCase(), value, words, !startLine.startsWith('SIP/')),
    )
  return [
    words.plain(startLine),
    ...lines.toSorted(),
    ...(length === Buffer.byteLength(body) ? [] : ['content-length: wrong']),
    ...(body === '' ? [] : [`body: ${body.replaceAll('\r\n', ' ').trim()}`]),
  ]
}

function headerLine(name: string, value: string, words: Words, isRequest: boolean): string {
  if (name === 'cseq') return `cseq: ${words.cseq(value, isRequest)}`
  if (name === 'rack') return `rack: ${words.rack(value)}`
  if (name === 'rseq') return `rseq: ${/^[1-9]\d*$/.test(value) ? 'a number' : value}`
  if (name === 'authorization') return `authorization: ${words.credentials(value)}`
  if (WORD_LISTS.has(name))
    return `${name}: ${value
      .split(/\s*,\s*/)
      .toSorted()
      .join(', ')}`
  return `${name}: ${canonical(words.plain(value))}`
}

/** Parameters behind the address, or behind the value, in alphabetical order. */
function canonical(value: string): string {
  const close = value.lastIndexOf('>')
  const head = close === -1 ? value.split(';')[0]! : value.slice(0, close + 1)
  const parameters = value
    .slice(head.length)
    .split(';')
    .map((each) => each.trim().replace(/\s*=\s*/, '='))
    .filter((each) => each !== '')
  return [head.trim().replace(/\s+/g, ' '), ...parameters.toSorted()].join(';')
}

class Words {
  readonly #peerPort: number
  readonly #serverPort: number
  /** The server chooses where it starts to count. */
  #firstCSeq: number | undefined

  constructor(peerPort: number, serverPort: number) {
    this.#peerPort = peerPort
    this.#serverPort = serverPort
  }

  plain(text: string): string {
    return text
      .replaceAll(`127.0.0.1:${this.#peerPort}`, 'PEER')
      .replaceAll(`127.0.0.1:${this.#serverPort}`, 'SERVER')
      .replace(/branch=z9hG4bK(?!-peer)[^;,\s]+/g, 'branch=BRANCH')
      .replace(/tag=([^;>,\s]+)/g, (whole, tag) => (tag === PEER_TAG ? whole : 'tag=TAG'))
      .replace(/rport=\d+/, 'rport=PORT')
      .replace(/peer-call-[\d-]+/g, 'peer-call')
      .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, 'UUID')
  }

  /** Of a request the server's: counted from its first. Answers repeat the peer's. */
  cseq(value: string, isRequest: boolean): string {
    const [number = '', method = ''] = value.split(/\s+/)
    if (!isRequest) return `${number} ${method}`
    this.#firstCSeq ??= Number(number)
    return `first+${Number(number) - this.#firstCSeq} ${method}`
  }

  rack(value: string): string {
    const [rseq = '', ...cseq] = value.split(/\s+/)
    return `${rseq} ${this.cseq(cseq.join(' '), true)}`
  }

  /** The digest covers the port. */
  credentials(value: string): string {
    return this.plain(value)
      .replace(/\s*,\s*/g, ', ')
      .replace(/response="[0-9a-f]{32}"/, 'response="…"')
  }
}
