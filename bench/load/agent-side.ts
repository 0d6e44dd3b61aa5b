// The agent's end of one line, as bare as the protocol allows: metadata, marked audio out, marked audio in.
import type { WebSocket } from 'ws'
import { FRAME_BYTES } from '../../core/contracts/index.ts'
import type { AgentFormat } from './agent-server.ts'
import { GapCounter } from './gap-counter.ts'
import type { ProbeClock } from './probe-clock.ts'
import { markText, readMark, readMarkText, writeMark } from './probe-mark.ts'
import { PCM_SPEECH_TEXT, SPEECH, SPEECH_AFTER_MARK_TEXT } from './speech.ts'

/**
 * How the agent talks. `steady`: a message each 20 ms, as many as frames; `burst`: two seconds in four messages each two
 * seconds, as the vendor sends; `spurts`: 400 ms in two messages, then a pause of more than a second.
 */
export type AgentManner = 'steady' | 'burst' | 'spurts' | 'silent'

const AUDIO_PREFIX = '{"type":"audio","audio_event":{"audio_base_64":"'
const CALLER_PREFIX = '{"user_audio_chunk":"'
/** `u` of user_audio_chunk: tells caller audio from all else. */
const U = 0x75
const BURST_TURNS = 100
const BURST_MESSAGES = 4
const SPURT_MESSAGES = 2
const SPURT_FRAMES = 10
const SPURT_TURNS_MIN = 75
/** Lines pause differently, so that their spurts do not fall together. */
const SPURT_TURNS_SPREAD = 40

export interface AgentSideOptions {
  /** Marks are in µ-law only: what a pcm_16000 agent says is known by its number of frames. */
  readonly format: AgentFormat
  /** When caller frames were sent. */
  readonly callerProbes: ProbeClock
  /** Where spurts note when they were sent. */
  readonly agentProbes: ProbeClock
  readonly onUplink: (elapsedMs: number) => void
}

export interface AgentCounts {
  readonly framesReceived: number
  readonly framesLost: number
  /** Messages whose first frame bore no mark: silence, or frames cut anew. */
  readonly unmarked: number
  readonly framesSent: number
  readonly framesUnheard: number
}

export class AgentSide {
  readonly #options: AgentSideOptions
  readonly #index: number
  #socket: WebSocket | undefined
  #count = 0
  #turn = 0
  #event = 1
  #gaps = new GapCounter(24)
  #heard = new GapCounter(24)
  #unmarked = 0
  #framesSent = 0

  constructor(index: number, options: AgentSideOptions) {
    this.#index = index
    this.#options = options
    this.#turn = (index * 13) % SPURT_TURNS_MIN
  }

  attach(socket: WebSocket): void {
    this.#socket = socket
    socket.on('message', (data) => this.#receive(data as Buffer))
    socket.on('close', () => {
      if (this.#socket === socket) this.#socket = undefined
    })
  }

  get isTalking(): boolean {
    return this.#socket?.readyState === this.#socket?.OPEN && this.#socket !== undefined
  }

  /** One turn of the wheel: 20 ms. */
  speak(manner: AgentManner): void {
    if (!this.isTalking) return
    this.#turn += 1
    switch (manner) {
      case 'steady':
        this.#sendFrame()
        return
      case 'burst':
        if (this.#turn % BURST_TURNS === 0)
          this.#sendMessages(BURST_MESSAGES, BURST_TURNS / BURST_MESSAGES)
        return
      case 'spurts': {
        const turns = SPURT_TURNS_MIN + ((this.#index * 7) % SPURT_TURNS_SPREAD)
        if (this.#turn % turns === 0) this.#sendMessages(SPURT_MESSAGES, SPURT_FRAMES)
        return
      }
      case 'silent':
        return
      default:
        manner satisfies never
    }
  }

  /** The caller heard a frame of ours. */
  heard(mark: number): void {
    this.#heard.see(mark)
  }

  begin(): void {
    this.#gaps = new GapCounter(24)
    this.#heard = new GapCounter(24)
    this.#unmarked = 0
    this.#framesSent = 0
  }

  end(): AgentCounts {
    return {
      framesReceived: this.#gaps.received,
      framesLost: this.#gaps.lost,
      unmarked: this.#unmarked,
      framesSent: this.#framesSent,
      framesUnheard: this.#heard.lost,
    }
  }

  /** The usual message, without encoding anything. */
  #sendFrame(): void {
    this.#count = (this.#count + 1) & 0xffffff
    this.#framesSent += 1
    const audio =
      this.#options.format === 'ulaw_8000'
        ? markText(this.#count) + SPEECH_AFTER_MARK_TEXT
        : PCM_SPEECH_TEXT
    this.#socket?.send(`${AUDIO_PREFIX}${audio}","event_id":1}}`)
  }

  #sendMessages(messages: number, frames: number): void {
    this.#event += 1
    const texts = Array.from({ length: messages }, () => this.#encode(frames))
    const [first] = texts
    if (first) this.#options.agentProbes.sent(first.mark, performance.now())
    for (const { text } of texts) this.#socket?.send(text)
  }

  #encode(frames: number): { readonly text: string; readonly mark: number } {
    const mark = (this.#count + 1) & 0xffffff
    const audio = Buffer.alloc(frames * FRAME_BYTES)
    for (let frame = 0; frame < frames; frame += 1) {
      this.#count = (this.#count + 1) & 0xffffff
      audio.set(SPEECH, frame * FRAME_BYTES)
      writeMark(audio, frame * FRAME_BYTES, this.#count)
    }
    this.#framesSent += frames
    const text = `${AUDIO_PREFIX}${audio.toString('base64')}","event_id":${this.#event}}}`
    return { text, mark }
  }

  #receive(text: Buffer): void {
    const nowMs = performance.now()
    if (text[2] !== U) return
    const mark = readMarkText(text, CALLER_PREFIX.length)
    if (this.#options.format !== 'ulaw_8000') {
      this.#unmarked += 1
      return
    }
    const isOneFrame = text.length <= CALLER_PREFIX.length + ONE_FRAME_CHARS + CLOSING_CHARS
    if (isOneFrame) this.#received(mark, nowMs)
    else this.#receivedGroup(text, nowMs)
  }

  /** Several frames in a message: beyond the grouping means since the last of them was sent. */
  #receivedGroup(text: Buffer, nowMs: number): void {
    const end = text.length - CLOSING_CHARS
    const audio = Buffer.from(text.toString('latin1', CALLER_PREFIX.length, end), 'base64')
    let last = -1
    for (let at = 0; at + FRAME_BYTES <= audio.length; at += FRAME_BYTES) {
      const mark = readMark(audio, at)
      if (mark < 0) this.#unmarked += 1
      else this.#gaps.see((last = mark))
    }
    if (last >= 0) this.#measure(last, nowMs)
  }

  #received(mark: number, nowMs: number): void {
    if (mark < 0) {
      this.#unmarked += 1
      return
    }
    this.#gaps.see(mark)
    this.#measure(mark, nowMs)
  }

  #measure(mark: number, nowMs: number): void {
    const elapsedMs = this.#options.callerProbes.elapsed(mark, nowMs)
    if (!Number.isNaN(elapsedMs)) this.#options.onUplink(elapsedMs)
  }
}

const ONE_FRAME_CHARS = Math.ceil(FRAME_BYTES / 3) * 4
/** `"}` */
const CLOSING_CHARS = 2
