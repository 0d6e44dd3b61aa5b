// Both sides' session descriptions of one call, whoever carries its audio: ourselves (direct.ts) or a media server in
// between (anchored.ts). RFC 3264.
import type { CallIdentity, LocalRtp, RemoteRtp, Termination, Trunk } from '#core/contracts'
import type { Logger } from '#core/telemetry'
import type { CallTimeline } from '../call/call-timeline.ts'
import type { Reanswer, SipDialog } from '../sip/sip-port.ts'

/** The far end's words, and where they came from. */
export interface RemoteWords {
  readonly sdp: string
  readonly sourceAddress: string
}

export interface Description {
  /** @throws AppError `MEDIA_SERVER_FAILED` */
  offer(): Promise<string>
  /** The answer to an offer that `takeRemote` found usable. @throws AppError `MEDIA_SERVER_FAILED` */
  answer(offer: string): Promise<string>
  /** Takes what the far end says of its audio. False when there is none we can use; then nothing changes. */
  takeRemote(words: RemoteWords, role: 'offer' | 'answer'): boolean
  /**
   * The answer in an ACK to the offer of our 200 OK; undefined when we offered nothing. Without one we can use,
   * everything stays as it was agreed before; when nothing was, there is nobody to talk to.
   */
  takeAnswer(answer: string | undefined, sourceAddress: string): void
  /**
   * A later offer: answered when usable, else refused with 488 and everything stays as it was. When ours is asked for,
   * it offers all we can, or a held call would be held for ever (RFC 3261 §14.2).
   */
  reanswer(offer: string, sourceAddress: string): Reanswer | Promise<Reanswer>
  /** The call is answered: from here on its audio may be moved. */
  answered(dialog: SipDialog): void
  /** Idempotent; never rejects. */
  close(): Promise<void>
}

/** Whose audio is described: a call's, or that of the second call of its transfer. */
export interface DescribedLeg {
  readonly identity: CallIdentity
  readonly logger: Logger
  readonly timeline: Pick<CallTimeline, 'note'>
  isEnding(): boolean
  setRemote(remote: RemoteRtp): void
  end(ending: Termination): void
}

/** What a description is made for. */
export interface Described {
  readonly session: DescribedLeg
  readonly trunk: Trunk
  /** The RTP port of ours. */
  readonly local: LocalRtp
}

export type Describe = (described: Described) => Description
