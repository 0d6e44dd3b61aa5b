// What must not go on for ever in an answered call, watched frame by frame: a far end that sends nothing
// (caller-watch.ts), and a talk in which nobody speaks (speech-watch.ts). What becomes of the call is its owner's to say.
import type { MediaEvent } from '#core/contracts'
import type { AgentSession } from './agent-session.ts'
import { CallerWatch, type WatchTiming } from './caller-watch.ts'
import type { Pipeline } from './pipeline.ts'
import { SpeechWatch, type SpeechTiming } from './speech-watch.ts'

export interface WatchdogTiming extends WatchTiming, SpeechTiming {}

/** A fifth of a second is fine enough for silences of five seconds and of a minute. */
const EVERY_FRAMES = 10

type Told = Extract<MediaEvent, { type: 'media.stalled' | 'media.dead_air' }>

export class Watchdogs {
  readonly #pipeline: Pipeline
  readonly #timing: WatchdogTiming
  readonly #tell: (type: Told['type'], silentMs: number) => void
  readonly #caller: CallerWatch
  #speech: SpeechWatch | null = null
  #frame = 0

  constructor(
    pipeline: Pipeline,
    timing: WatchdogTiming,
    tell: (type: Told['type'], silentMs: number) => void,
  ) {
    this.#pipeline = pipeline
    this.#timing = timing
    this.#tell = tell
    this.#caller = new CallerWatch(timing)
  }

  answered(atMs: number): void {
    this.#caller.answered(atMs)
    this.#speech = new SpeechWatch(this.#timing, atMs)
  }

  /** An agent talks from now on: what was said, or not said, before it is none of its business. */
  agentOpened(atMs: number): void {
    this.#speech = new SpeechWatch(this.#timing, atMs)
  }

  /** Each frame. Who talks with the caller: an agent, a menu of prompts (which owes nobody an answer), or nobody of ours. */
  observe(nowMs: number, talks: AgentSession | 'prompts' | null): void {
    this.#frame += 1
    if (this.#frame % EVERY_FRAMES !== 0) return
    const { gate, uplink, downlink } = this.#pipeline
    const stalledMs = this.#caller.silence(nowMs, uplink.presentAtMs, gate.owesAudio)
    if (stalledMs !== null) this.#tell('media.stalled', stalledMs)
    if (talks === null) return
    const agent = talks === 'prompts' ? null : talks
    const silence = this.#speech?.observe({
      nowMs,
      callerSpokeAtMs: uplink.spokeAtMs,
      agentSpokeAtMs: downlink.spokeAtMs,
      isExcused: (agent?.conversation.pendingTools ?? 0) > 0 || !gate.owesAudio,
    })
    if (silence?.kind === 'dead-air') this.#tell('media.dead_air', silence.silentMs)
    else if (silence?.kind === 'agent-silent') agent?.onSilent(silence.silentMs)
  }
}
