// What the caller is to hear, in order: the agent's utterances, which arrive faster than real time, and prompts. It
// leaves 20 ms at a time, in the line's codec, and what became of each piece is told once that is certain.
import { FRAME_BYTES, FRAME_MS, TELEPHONE_RATE, type TelephoneCodec } from '#core/contracts'
import { ByteRing } from './byte-ring.ts'
import { FADE_BYTES, rampDown } from './fade-out.ts'
import { g711, translate } from './g711.ts'
import type { PromptEnd, PromptTold, QueuedPrompt } from './queued-prompt.ts'
import { Utterance, type HeardSpan, type HeardUtterance, type Alignment } from './utterance.ts'

const BYTES_PER_MS = TELEPHONE_RATE / 1000
/** 5 min (facts: hold at least 60 s; never stop reading the socket). Beyond it the newest audio is dropped. */
const MAX_BYTES = 300_000 * BYTES_PER_MS
/** Held before an utterance starts: agent chunks come in bursts, so two frames bridge the gap between them. */
export const PREBUFFER_MS = 40
const PREBUFFER_BYTES = PREBUFFER_MS * BYTES_PER_MS
/** The same answer going on within this after it ran dry is an underrun; after that the utterance is over. */
const OVER_AFTER_MS = 1000
/** An agent that ran dry may only have stumbled: a prompt behind it waits for as long as a breath takes. */
const PROMPT_AFTER_MS = 200
/** More than anybody would listen to. */
const MAX_PROMPTS = 32
/** Utterances and prompts. What an agent says beyond that, in pieces shorter than a second, counts for the last one. */
const MAX_PIECES = 300

type Piece = Utterance | QueuedPrompt

const isUtterance = (piece: Piece): piece is Utterance => piece.kind === 'utterance'

type PlayoutState =
  /** No byte is held. */
  | { readonly kind: 'idle' }
  /** What is held may start at this time; an utterance before it, once the prebuffer is full. */
  | { readonly kind: 'filling'; readonly readyAtMs: number }
  | { readonly kind: 'playing' }

const IDLE: PlayoutState = { kind: 'idle' }
const PLAYING: PlayoutState = { kind: 'playing' }

/** What a frame begins with. */
export type FrameContent = 'silence' | 'agent' | 'prompt'

export interface PlayoutListener {
  readonly onUtterance: (
    heard: HeardUtterance,
    span: HeardSpan | null,
    /** As which it can be told again. */
    utterance: Utterance,
  ) => void
  readonly onPrompt: (told: PromptTold) => void
}

interface ToldUtterance {
  readonly utterance: Utterance
  readonly heard: HeardUtterance
  readonly span: HeardSpan | null
}

const told = (utterance: Utterance, interrupted: boolean): ToldUtterance => ({
  utterance,
  heard: utterance.told(interrupted),
  span: utterance.span,
})

export class PlayoutQueue {
  readonly #ring = new ByteRing(MAX_BYTES)
  readonly #fades: boolean
  readonly #fade = new Uint8Array(FADE_BYTES)
  #codec: TelephoneCodec
  /** Null when the line speaks µ-law, as prompts do. */
  #fromUlaw: Uint8Array | null
  #silence: number
  /** What fades out in the next frame. */
  #fading: FrameContent = 'silence'
  /** In the order they are played. The first alone may have run dry: an utterance that may still go on. */
  #pieces: Piece[] = []
  #state: PlayoutState = IDLE
  #dryAtMs = Number.NEGATIVE_INFINITY
  /** The last frame went to somebody. */
  #isHeard = true
  /** Of what is being played. */
  #nowMs = 0
  readonly #untold: (ToldUtterance | PromptTold)[] = []
  #underruns = 0
  #droppedBytes = 0

  /** @param fades what is cut off fades out in the next frame, else it is gone */
  constructor(codec: TelephoneCodec = 'PCMU', fades = true) {
    this.#codec = codec
    this.#fades = fades
    this.#fromUlaw = translate('PCMU', codec)
    this.#silence = g711(codec).silence
  }

  get codec(): TelephoneCodec {
    return this.#codec
  }

  get heldMs(): number {
    return this.#pieces.reduce((bytes, { leftBytes }) => bytes + leftBytes, 0) / BYTES_PER_MS
  }

  get isEmpty(): boolean {
    return this.#fading === 'silence' && !this.#pieces.some(({ leftBytes }) => leftBytes > 0)
  }

  get isPlaying(): boolean {
    return this.#state.kind === 'playing' || this.#fading !== 'silence'
  }

  /** Times audio ran dry inside an utterance. */
  get underruns(): number {
    return this.#underruns
  }

  /** Audio dropped because five minutes were held already. */
  get droppedMs(): number {
    return this.#droppedBytes / BYTES_PER_MS
  }

  /** The line speaks this from now on; what is held is translated. */
  use(codec: TelephoneCodec): void {
    const table = translate(this.#codec, codec)
    if (table === null) return
    this.#ring.translate(table)
    for (let at = 0; at < FADE_BYTES; at += 1) this.#fade[at] = table[this.#fade[at] ?? 0] ?? 0
    this.#codec = codec
    this.#fromUlaw = translate('PCMU', codec)
    this.#silence = g711(codec).silence
  }

  /** Agent audio in the line's codec. True when the wait for a first frame begins with it. */
  write(audio: Uint8Array, eventId: number, nowMs: number, letters?: Alignment): boolean {
    const utterance = this.#utteranceOf(eventId)
    const queued = Math.min(audio.length, this.#ring.room)
    this.#droppedBytes += audio.length - queued
    const wasDry = utterance.leftBytes === 0
    utterance.add(audio.length, queued, letters)
    if (queued === 0) return false
    this.#ring.append(queued === audio.length ? audio : audio.subarray(0, queued))
    if (this.#state.kind === 'playing' || !wasDry || utterance !== this.#pieces[0]) return false
    if (utterance.isBegun && nowMs - this.#dryAtMs < OVER_AFTER_MS) this.#underruns += 1
    this.#state = { kind: 'filling', readyAtMs: nowMs + PREBUFFER_MS }
    return true
  }

  /** A prompt, behind everything that is held. More than 32 are refused: told as stopped. */
  play(prompt: QueuedPrompt, nowMs: number): void {
    const prompts = this.#pieces.filter(({ kind }) => kind === 'prompt').length
    if (prompts >= MAX_PROMPTS || prompt.leftBytes === 0) {
      this.#untold.push(prompt.told(prompt.leftBytes === 0 ? 'played' : 'stopped'))
      return
    }
    const [first] = this.#pieces
    this.#pieces.push(prompt)
    if (this.#state.kind !== 'idle') return
    const readyAtMs = first === undefined ? nowMs : this.#dryAtMs + PROMPT_AFTER_MS
    this.#state = { kind: 'filling', readyAtMs }
  }

  /** True once the next piece may start: enough is held, or no more came in the time that would have taken. */
  mayStart(nowMs: number): boolean {
    if (this.#state.kind !== 'filling' || this.#fading !== 'silence') return false
    const isFilled = this.#pieces[0]?.kind === 'utterance' && this.#ring.held >= PREBUFFER_BYTES
    return isFilled || nowMs >= this.#state.readyAtMs
  }

  start(): void {
    if (this.#state.kind !== 'filling') return
    this.#state = PLAYING
    if (this.#pieces[0]?.leftBytes === 0) this.#endFirst()
  }

  /** Fills one frame of `target` from `offset` on: with audio while playing, with silence otherwise. */
  readFrame(target: Uint8Array, offset: number, nowMs: number, isHeard = true): FrameContent {
    this.#isHeard = isHeard
    this.#nowMs = nowMs
    const end = offset + FRAME_BYTES
    let content = this.#fading
    let at = offset
    if (content !== 'silence') {
      target.set(this.#fade, offset)
      at += FADE_BYTES
      this.#fading = 'silence'
    } else if (this.#state.kind === 'playing') {
      content = this.#pieces[0]?.kind === 'prompt' ? 'prompt' : 'agent'
      at = this.#fill(target, offset, nowMs)
    } else if (nowMs - this.#dryAtMs >= OVER_AFTER_MS && this.#pieces[0]?.leftBytes === 0) {
      this.#endFirst()
    }
    if (at < end) target.fill(this.#silence, at, end)
    return content
  }

  /** The caller spoke over the agent: what it said and nobody heard is gone. Returns how much that was. */
  interrupt(nowMs: number): number {
    this.#nowMs = nowMs
    const [first] = this.#pieces
    const playsAgent = this.#state.kind === 'playing' && first?.kind === 'utterance'
    if (playsAgent) this.#fadeOut(first)
    const discardedMs = this.#ring.held / BYTES_PER_MS
    for (const piece of this.#pieces)
      if (piece.kind === 'utterance') this.#untold.push(told(piece, piece.leftBytes > 0))
    this.#pieces = this.#pieces.filter(({ kind }) => kind === 'prompt')
    this.#ring.clear()
    if (first?.kind === 'utterance') this.#resume(nowMs + PROMPT_AFTER_MS)
    return discardedMs
  }

  /** Ends the prompt that is playing, and those that wait. */
  stopPrompts(how: Exclude<PromptEnd, 'played'>, nowMs: number): void {
    this.#nowMs = nowMs
    const [first] = this.#pieces
    if (this.#state.kind === 'playing' && first?.kind === 'prompt') this.#fadeOut(first)
    for (const piece of this.#pieces)
      if (piece.kind === 'prompt') this.#untold.push(piece.told(how))
    this.#pieces = this.#pieces.filter(({ kind }) => kind === 'utterance')
    if (first?.kind === 'prompt' || first?.leftBytes === 0) this.#resume(nowMs)
  }

  /** A key: ends a prompt that is playing and stops on one, and those behind it. True when there was one. */
  pressed(nowMs: number): boolean {
    const [first] = this.#pieces
    if (first?.kind !== 'prompt' || !first.isBegun || !first.stopsOnDigit) return false
    this.stopPrompts('digit', nowMs)
    return true
  }

  /** Nothing leaves any more: everything held is over. */
  close(nowMs: number): void {
    this.#state = IDLE
    this.interrupt(nowMs)
    this.stopPrompts('stopped', nowMs)
    this.#fading = 'silence'
  }

  /** Tells what became of pieces meanwhile. Never from within a frame: a listener may well play the next prompt. */
  tell({ onPrompt, onUtterance }: PlayoutListener): void {
    if (this.#untold.length === 0) return
    for (let fact = this.#untold.shift(); fact !== undefined; fact = this.#untold.shift()) {
      if ('promptId' in fact) onPrompt(fact)
      else onUtterance(fact.heard, fact.span, fact.utterance)
    }
  }

  /** Where audio of this event belongs: the last utterance, or else a new one. */
  #utteranceOf(eventId: number): Utterance {
    const newest = this.#pieces.at(-1)
    const last = newest?.kind === 'utterance' ? newest : this.#pieces.findLast(isUtterance)
    if (last?.eventId === eventId) return last
    if (last !== undefined && this.#pieces.length >= MAX_PIECES) return last
    if (this.#state.kind !== 'playing' && this.#pieces[0]?.leftBytes === 0) this.#endFirst()
    const utterance = new Utterance(eventId)
    this.#pieces.push(utterance)
    return utterance
  }

  /** Returns where it stopped. */
  #fill(target: Uint8Array, offset: number, nowMs: number): number {
    const end = offset + FRAME_BYTES
    let at = offset
    for (let piece = this.#pieces[0]; piece !== undefined; piece = this.#pieces[0]) {
      const count = Math.min(piece.leftBytes, end - at)
      this.#take(piece, target, at, count)
      at += count
      if (piece.leftBytes > 0) return at
      const next = this.#pieces[1]
      if (piece.kind === 'utterance' && next?.kind !== 'utterance') {
        // It may go on: it stays the first until something else plays, or for a second.
        this.#dryAtMs = nowMs + FRAME_MS
        this.#resume(this.#dryAtMs + PROMPT_AFTER_MS)
        return at
      }
      this.#endFirst()
    }
    this.#state = IDLE
    return at
  }

  #take(piece: Piece, target: Uint8Array, offset: number, count: number): void {
    if (count === 0) return
    if (piece.kind === 'utterance') {
      this.#ring.take(target, offset, count)
      piece.play(count, this.#isHeard, this.#nowMs)
    } else {
      if (!piece.isBegun) this.#untold.push({ promptId: piece.promptId, kind: 'started' })
      piece.copy(target, offset, count, this.#fromUlaw)
      piece.play(count, this.#isHeard)
    }
  }

  #fadeOut(piece: Piece): void {
    if (!this.#fades) return
    const count = Math.min(FADE_BYTES, piece.leftBytes)
    this.#take(piece, this.#fade, 0, count)
    rampDown(this.#fade, count, g711(this.#codec))
    this.#fading = piece.kind === 'prompt' ? 'prompt' : 'agent'
  }

  /** The first piece is over. */
  #endFirst(): void {
    const piece = this.#pieces.shift()
    if (piece === undefined) return
    this.#untold.push(piece.kind === 'prompt' ? piece.told('played') : told(piece, false))
  }

  /** Something stopped: what is held behind it starts then. */
  #resume(readyAtMs: number): void {
    this.#ring.shrink()
    const holdsMore = this.#pieces.some(({ leftBytes }) => leftBytes > 0)
    this.#state = holdsMore ? { kind: 'filling', readyAtMs } : IDLE
  }
}
