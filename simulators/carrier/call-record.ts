// What the carrier saw of one call, by its own clock: the evidence that tests and reports read.
import type { EpochMs } from '#core/contracts'
import type { RtcpRecord } from './rtcp-phone.ts'
import type { RtpInRecord } from './rtp-recorder.ts'
import type { RtpOutRecord } from './rtp-phone.ts'
import type { Datagram } from './sip-endpoint.ts'

export interface LadderMessage {
  readonly at: EpochMs
  /** As the carrier sees it. */
  readonly direction: 'sent' | 'received'
  readonly startLine: string
  readonly raw: string
  /** The same bytes had passed in this direction before. */
  readonly repeated: boolean
  /** Lost by the drop filter: never sent, or never looked at. */
  readonly dropped: boolean
}

/** Live while the call lasts; times are epoch milliseconds of the carrier's clock, null until it happened. */
export interface CarrierCallRecord {
  /** As the gateway names it: `outbound` calls reach the carrier, `inbound` ones start here. */
  readonly direction: 'outbound' | 'inbound'
  /** User parts of From and of the Request-URI. */
  readonly from: string
  readonly to: string
  readonly sipCallId: string
  /** The script's name, or `custom`. */
  readonly script: string
  readonly inviteAt: EpochMs
  /** The first provisional response other than 100. */
  readonly provisionalAt: EpochMs | null
  /** 200 OK to the INVITE: sent by us (outbound) or received (inbound). */
  readonly answeredAt: EpochMs | null
  /** Its first ACK: received (outbound) or sent by us (inbound). */
  readonly ackAt: EpochMs | null
  readonly byeAt: EpochMs | null
  readonly byeBy: 'carrier' | 'gateway' | null
  readonly cancelAt: EpochMs | null
  readonly vanishedAt: EpochMs | null
  /** The final response to the INVITE. */
  readonly finalStatus: number | null
  readonly endedAt: EpochMs | null
  readonly rtpIn: RtpInRecord
  readonly rtpOut: RtpOutRecord
  readonly rtcp: RtcpRecord
  /** Keys that the other side told by SIP INFO; those in RTP are in `rtpIn.keys`. */
  readonly infoKeys: readonly { readonly key: string; readonly at: EpochMs }[]
  /** The ladder; the first 500 messages. */
  readonly messages: readonly LadderMessage[]
  /** What the other side did against the protocol; the first 100. */
  readonly protocolErrors: readonly string[]
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const MAX_MESSAGES = 500
const MAX_COMPLAINTS = 100
const MAX_KEYS = 100

export interface RecordSeed {
  readonly direction: CarrierCallRecord['direction']
  readonly from: string
  readonly to: string
  readonly sipCallId: string
  readonly script: string
  readonly rtpIn: RtpInRecord
  readonly rtpOut: RtpOutRecord
  readonly rtcp: RtcpRecord
}

export class CallRecorder {
  readonly record: Mutable<CarrierCallRecord>
  readonly #messages: LadderMessage[] = []
  readonly #complaints: string[] = []
  readonly #infoKeys: { key: string; at: EpochMs }[] = []
  readonly #seen = new Set<string>()

  constructor(seed: RecordSeed, inviteAt: EpochMs) {
    this.record = {
      ...seed,
      inviteAt,
      provisionalAt: null,
      answeredAt: null,
      ackAt: null,
      byeAt: null,
      byeBy: null,
      cancelAt: null,
      vanishedAt: null,
      finalStatus: null,
      endedAt: null,
      infoKeys: this.#infoKeys,
      messages: this.#messages,
      protocolErrors: this.#complaints,
    }
  }

  note(datagram: Datagram, at: EpochMs, dropped: boolean): void {
    if (this.#messages.length >= MAX_MESSAGES) return
    const raw = datagram.raw.toString('utf8')
    const { direction, startLine } = datagram
    const key = `${direction} ${raw}`
    this.#messages.push({ at, direction, startLine, raw, repeated: this.#seen.has(key), dropped })
    this.#seen.add(key)
  }

  noteInfoKey(key: string, at: EpochMs): void {
    if (this.#infoKeys.length < MAX_KEYS) this.#infoKeys.push({ key, at })
  }

  complain(...complaints: readonly string[]): void {
    for (const complaint of complaints) {
      if (this.#complaints.length < MAX_COMPLAINTS) this.#complaints.push(complaint)
    }
  }
}
