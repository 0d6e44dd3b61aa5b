// A caller who is connected by a stream: a sink that plays as Twilio does (in order, in real time, marks come back when
// all before them was played, a `clear` throws away and sends all of them back), and a mouth.
import { setTimeout as sleep } from 'node:timers/promises'
import {
  epochMs,
  newCallId,
  type AnswerEvidence,
  type EpochMs,
  type MediaEvent,
  type RecordingPolicy,
  type StreamSession,
  type StreamSink,
} from '../../../core/contracts/index.ts'
import type { Stage } from '../worker/stage.ts'

export interface Sent {
  readonly kind: 'audio' | 'clear' | 'mark'
  readonly atMs: number
  readonly ulaw: Buffer
}

export class FarEnd implements StreamSink {
  readonly sent: Sent[] = []
  /** Of the audio, when each was cleared. */
  readonly playedMsAtClear: number[] = []
  session: StreamSession | undefined
  /** Marks never come back. */
  isDeaf = false
  readonly #delayMs: number
  #sentMs = 0
  #lostMs = 0
  /** When all was played that has been sent. */
  #untilMs = 0
  readonly #pending = new Map<string, NodeJS.Timeout>()

  /** @param delayMs of the network, each way */
  constructor(delayMs = 0) {
    this.#delayMs = delayMs
  }

  audio(ulaw: Uint8Array<ArrayBuffer>): void {
    this.sent.push({ kind: 'audio', atMs: performance.now(), ulaw: Buffer.from(ulaw) })
    this.#sentMs += ulaw.length / 8
    const arrivesAtMs = performance.now() + this.#delayMs
    this.#untilMs = Math.max(this.#untilMs, arrivesAtMs) + ulaw.length / 8
  }

  clear(): void {
    this.sent.push({ kind: 'clear', atMs: performance.now(), ulaw: Buffer.alloc(0) })
    const lostMs = Math.max(0, this.#untilMs - performance.now() - this.#delayMs)
    this.#lostMs += lostMs
    this.playedMsAtClear.push(this.#sentMs - this.#lostMs)
    this.#untilMs = 0
    for (const [name, timer] of this.#pending) {
      clearTimeout(timer)
      this.#echo(name, 2 * this.#delayMs)
    }
    this.#pending.clear()
  }

  mark(name: string): void {
    this.sent.push({ kind: 'mark', atMs: performance.now(), ulaw: Buffer.alloc(0) })
    const playedInMs = Math.max(this.#untilMs - performance.now(), this.#delayMs)
    const timer = setTimeout(() => {
      this.#pending.delete(name)
      this.#echo(name, this.#delayMs)
    }, playedInMs)
    this.#pending.set(name, timer)
  }

  /** All that was sent, thrown away or not. */
  heard(): Buffer {
    return Buffer.concat(this.sent.map(({ ulaw }) => ulaw))
  }

  of(kind: Sent['kind']): readonly Sent[] {
    return this.sent.filter((sent) => sent.kind === kind)
  }

  #echo(name: string, delayMs: number): void {
    if (!this.isDeaf) setTimeout(() => this.session?.played(name), delayMs)
  }
}

export interface StreamCall {
  readonly session: StreamSession
  readonly farEnd: FarEnd
  readonly events: readonly MediaEvent[]
  types(): readonly string[]
  /** Speaks in real time, in frames of so many bytes; by how many milliseconds the latest of them was late. */
  speak(ulaw: Uint8Array, frameBytes?: number): Promise<number>
  evidence(answeredAt?: EpochMs): AnswerEvidence
}

let streams = 0

export async function openStreamCall(
  stage: Pick<Stage, 'bridge' | 'mint'>,
  options: { readonly delayMs?: number; readonly recording?: RecordingPolicy } = {},
): Promise<StreamCall> {
  const events: MediaEvent[] = []
  const callId = newCallId()
  const farEnd = new FarEnd(options.delayMs)
  const session = await stage.bridge.openStream({
    callId,
    sink: farEnd,
    onEvent: (event) => events.push(event),
    ...(options.recording !== undefined && { recording: options.recording }),
  })
  farEnd.session = session
  streams += 1
  const dialog = `MZ${streams}`
  const beganAtMs = performance.now()
  return {
    session,
    farEnd,
    events,
    types: () => events.map(({ type }) => type),
    async speak(ulaw, frameBytes = 160) {
      let dueMs = performance.now()
      let lateMs = 0
      for (let at = 0; at < ulaw.length; at += frameBytes) {
        const frame = new Uint8Array(ulaw.subarray(at, at + frameBytes))
        const frameMs = frame.length / 8
        lateMs = Math.max(lateMs, performance.now() - dueMs)
        // The buffer is gone with it.
        session.receive(frame, Math.floor(dueMs - beganAtMs))
        dueMs += frameMs
        await sleep(Math.max(0, dueMs - performance.now()))
      }
      return lateMs
    },
    evidence: (answeredAt = epochMs(Date.now())) =>
      stage.mint({ callId, dialog, cseq: 1, answeredAt }),
  }
}
