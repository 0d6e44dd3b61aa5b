// What was sent, and whether an answer is one that it may have: at most one outcome, and the request's own identity.
import { NUMBER_MARK } from './corpus.ts'
import type { Fields } from '../party/read-message.ts'

interface Entry {
  readonly n: number
  readonly text: string
  /** Final status by method: an INVITE and its CANCEL share a number. */
  readonly finals: Map<string, number>
}

/** Answers may be repeated for 64·T1: at full speed so many inputs are sent in that time. */
const KEPT = 16_384

export class InputBook {
  readonly #entries: (Entry | undefined)[] = []
  readonly #isStream: boolean

  constructor(transport: 'udp' | 'tcp') {
    this.#isStream = transport === 'tcp'
  }

  add(n: number, text: string): void {
    this.#entries[n % KEPT] = { n, text, finals: new Map() }
  }

  /** Undefined when the answer is right; else what is wrong with it. */
  judge(status: number, fields: Fields): string | undefined {
    if (!isExpected(status)) return `the status ${status} is none we may give`
    // In a stream the head of one input and the tail of the next make a message of neither.
    const entry = this.#isStream ? undefined : this.#find(fields)
    if (entry === undefined) return undefined
    if (/^\s*SIP\/2\.0 /.test(entry.text)) return 'a response was answered'
    if (/^\s*ACK /.test(entry.text)) return 'an ACK was answered'
    const sent = bare(entry.text)
    for (const [name, value] of [
      ['Call-ID', fields.callId],
      ['CSeq', fields.cseq.replace(/^0+(?=\d)/, '')],
      ['branch', fields.branch],
    ] as const)
      if (!sent.includes(bare(value))) return `${name} is not the request's`
    return this.#judgeFinal(entry, status, fields)
  }

  /** What is kept here must not be taken for what is kept there. */
  clear(): void {
    this.#entries.length = 0
  }

  /** The last so many inputs, the newest first. */
  latest(count: number): readonly string[] {
    return this.#entries
      .filter((entry) => entry !== undefined)
      .toSorted((a, b) => b.n - a.n)
      .slice(0, count)
      .map(({ n, text }) => `${n} ${JSON.stringify(text)}`)
  }

  #judgeFinal(
    { finals, n }: Entry,
    status: number,
    { branch, method }: Fields,
  ): string | undefined {
    // A mutated branch may be shared by several inputs.
    if (status < 200 || !branch.includes(`q${n}z`)) return undefined
    const before = finals.get(method)
    finals.set(method, status)
    return before === undefined || before === status
      ? undefined
      : `answered ${before} and then ${status}`
  }

  /** A mark may have been mutated into another's: two must agree. */
  #find({ branch, callId, from, vias }: Fields): Entry | undefined {
    const [inBranch, inVia, ...others] = [
      ...[branch, /mark=([^;,\s]*)/.exec(vias[0] ?? '')?.[1] ?? '', callId, from],
    ].map((text) => NUMBER_MARK.exec(text)?.[1] ?? '')
    // Our own requests within a call that an input began have the input's Call-ID and tag, and another Via.
    const mark = [inBranch, inVia].find((each) => each !== '')
    const isSure = mark === inBranch && mark === inVia ? true : others.includes(mark ?? 'none')
    const entry = isSure ? this.#entries[Number(mark) % KEPT] : undefined
    return String(entry?.n) === mark ? entry : undefined
  }
}

/** 3xx and 6xx are for proxies and people; the rest is the server's and the gateway's to say. */
const isExpected = (status: number): boolean =>
  status < 300 || (status >= 400 && status < 600) || status === 603

/** White space may be written anew, and letters in another case. */
const bare = (text: string): string => text.replaceAll(/\s/g, '').toLowerCase()
