// A call as tests and programs hold it in hand.
import type {
  Alert,
  CallDirection,
  CallLogEntry,
  CallStatus,
  GatherRecord,
  HeardPiece,
  RecordingRecord,
  StreamRecord,
  WebhookRecord,
} from './records.ts'

export interface SimulatedCall {
  readonly sid: string
  readonly direction: CallDirection
  readonly from: string
  readonly to: string
  readonly status: CallStatus
  /** machine detection's word, when it has spoken. */
  readonly answeredBy: string | null
  /** Everything, in order. */
  readonly log: readonly CallLogEntry[]
  readonly webhooks: readonly WebhookRecord[]
  readonly gathers: readonly GatherRecord[]
  /** What Say and Play let hear. */
  readonly heard: readonly HeardPiece[]
  readonly streams: readonly StreamRecord[]
  readonly recordings: readonly RecordingRecord[]
  /** What we did wrong, as Twilio's debugger has it (11200, 12100, 31951 …); tests assert that it stays empty. */
  readonly alerts: readonly Alert[]
  /** One key after the other; whoever listens gets them: a Gather, a stream, or nobody. */
  press(keys: string, options?: { readonly gapMs?: number }): Promise<void>
  /** Into the stream: µ-law, 8000 bytes a second, behind what is said already. Resolves when it has been sent. */
  say(ulaw: Buffer): Promise<void>
  hangUp(): void
  /** The connection of the stream is reset, with no `stop`; the call itself goes on, as TwiML after Connect says. */
  dropStream(): void
  /** The stream's connection is reset and the call ends without a status callback: as when Twilio itself falls over. */
  vanish(): void
  /**
   * The first entry of the log that fits, past or to come.
   * @throws AppError `TIMED_OUT`
   */
  waitFor(fits: (entry: CallLogEntry) => boolean, timeoutMs?: number): Promise<CallLogEntry>
  /**
   * The n-th Gather (from 0) has said its words and listens.
   * @throws AppError `TIMED_OUT`
   */
  waitForGather(index: number, timeoutMs?: number): Promise<GatherRecord>
  /** @throws AppError `TIMED_OUT` */
  waitForStream(timeoutMs?: number): Promise<StreamRecord>
  /** A final status, and all its callbacks are answered. @throws AppError `TIMED_OUT` */
  waitForEnd(timeoutMs?: number): Promise<CallStatus>
}
