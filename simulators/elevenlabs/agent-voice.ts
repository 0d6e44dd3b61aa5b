// How a simulated agent talks: first message, turns, answers in bursts, interruptions, goodbye.
import type { Clock } from '#core/time'
import { lineText, soundBytes, type AgentLine, type CompleteAgentScript } from './agent-script.ts'
import { createAnswerPlayer, type AnswerChunk, type AnswerPlayer } from './answer-player.ts'
import { audioFormat, createSoundWriter, encodeSound, type AudioFormat } from './audio-format.ts'
import type { Heard } from './caller-ear.ts'
import type { WritableSessionRecord } from './records.ts'
import type { Timers } from './timers.ts'
import { createTurnDetector, type TurnDetector } from './turn-detector.ts'

export interface AgentVoiceOptions {
  readonly script: CompleteAgentScript
  readonly record: WritableSessionRecord
  readonly clock: Clock
  readonly timers: Timers
  readonly send: (message: unknown) => void
  readonly hangUp: () => void
}

export interface AgentVoice {
  /** The metadata is out and the caller is in. */
  begin(firstMessage: string | undefined): void
  hear(heard: Heard): void
  /** Says something at once, unless the agent is leaving. */
  say(line: AgentLine): void
  /** A complete turn of the caller in text: it interrupts, and is answered. */
  read(userText: string): void
  /** Event ids of one conversation come from one counter and never fall. */
  nextId(): number
  /** As it stands in a message. */
  idOf(id: number): number | string
  stop(): void
}

export function createAgentVoice(options: AgentVoiceOptions): AgentVoice {
  return new SimulatedVoice(options)
}

/** How long the agent talks into the caller's speech before it notices. */
const NOTICES_SPEECH_MS = 150

/** Between two parts of what the caller says. */
const TENTATIVE_EVERY_MS = 500
/** Ids are up to so many apart, when they have holes. */
const GAP = 5

interface Answer {
  readonly id: number
  readonly text: string
}

class SimulatedVoice implements AgentVoice {
  readonly #options: AgentVoiceOptions
  readonly #script: CompleteAgentScript
  readonly #player: AnswerPlayer
  readonly #turns: TurnDetector
  readonly #format: AudioFormat
  readonly #echo: (heard: Heard) => Buffer
  #lastId = 0
  #lastUserId = 0
  /** Raised by everything that makes a planned answer pointless. */
  #plan = 0
  #current: Answer | undefined
  #reservedId: number | undefined
  #echoId = 0
  #leaving = false

  constructor(options: AgentVoiceOptions) {
    this.#options = options
    this.#script = options.script
    const { burstSpeed, chunkMs, oddChunks, inputFormat, outputFormat } = options.script
    this.#format = audioFormat(outputFormat)
    const writer = createSoundWriter(this.#format)
    this.#echo =
      inputFormat === outputFormat ? ({ wire }) => wire : ({ linear }) => writer(linear())
    this.#player = createAnswerPlayer({
      format: this.#format,
      speed: burstSpeed,
      chunkMs,
      oddChunks,
      sendChunk: (chunk) => this.#sendChunk(chunk),
    })
    this.#turns = createTurnDetector(options.script.turnEndSilenceMs, {
      onSpeechStarted: () => {
        this.#callerSpeaks()
        if (options.script.tentativeTranscripts) this.#tellTentative(1)
      },
      onTurnEnded: (speechMs) => {
        const seconds = (speechMs / 1000).toFixed(1)
        this.#answer(`(${seconds} seconds of speech)`)
      },
    })
  }

  begin(firstMessage: string | undefined): void {
    const { firstMessage: line, slowFirstAudioMs, endAfterMs, mode } = this.#script
    if (line !== null && mode !== 'echo' && firstMessage !== '') {
      this.#greet({ ...line, text: firstMessage ?? lineText(line) }, slowFirstAudioMs)
    }
    if (endAfterMs !== undefined) this.#options.timers.after(endAfterMs, () => this.#leave())
  }

  /** As with the vendor the first message comes whatever the caller does; speech it falls into then interrupts it. */
  #greet(line: AgentLine, delayMs: number): void {
    const { timers } = this.#options
    timers.after(delayMs, () => {
      if (this.#leaving) return
      this.#say(line)
      timers.after(NOTICES_SPEECH_MS, () => {
        if (this.#turns.isSpeaking()) this.#callerSpeaks()
      })
    })
  }

  hear(heard: Heard): void {
    if (this.#script.mode === 'echo') {
      if (this.#echoId === 0) this.#echoId = this.nextId()
      this.#sendAudio(this.#echo(heard), this.#echoId)
    } else {
      this.#turns.hear(heard.ulaw)
    }
  }

  say(line: AgentLine): void {
    if (!this.#leaving) this.#say(line)
  }

  /** More words as long as the turn lasts; the settled ones come with its end. */
  #tellTentative(part: number): void {
    if (!this.#turns.isSpeaking() || this.#leaving) return
    const text = `(speech, part ${part})`
    this.#options.send({
      type: 'tentative_user_transcript',
      tentative_user_transcription_event: {
        user_transcript: text,
        event_id: this.#nextUserId(),
      },
    })
    this.#options.timers.after(TENTATIVE_EVERY_MS, () => this.#tellTentative(part + 1))
  }

  read(userText: string): void {
    if (this.#script.userMessageInterrupts) this.#callerSpeaks()
    this.#answer(userText)
  }

  #answer(userText: string): void {
    if (this.#leaving) return
    this.#note('user', userText)
    this.#options.send({
      type: 'user_transcript',
      user_transcription_event: { user_transcript: userText, event_id: this.#nextUserId() },
    })
    if (this.#script.mode !== 'converse') return
    const { replies, replyDelayMs, endAfterReplies } = this.#script
    this.#later(replyDelayMs, () => {
      const { record } = this.#options
      const line = replies[record.replies % Math.max(1, replies.length)]
      record.replies += 1
      if (record.replies === endAfterReplies) this.#leave()
      else if (line !== undefined) this.#say(line)
    })
  }

  nextId(): number {
    this.#lastId += this.#script.eventIds === 'gaps' ? 1 + (this.#lastId % GAP) : 1
    return this.#lastId
  }

  idOf(id: number): number | string {
    return this.#script.eventIds === 'text' ? String(id) : id
  }

  #nextUserId(): number | string {
    if (this.#script.eventIds !== 'by-party') return this.idOf(this.nextId())
    this.#lastUserId += 1
    return this.#lastUserId
  }

  stop(): void {
    this.#plan += 1
    this.#player.stop()
  }

  /** Runs unless the caller speaks, or the session ends, before. */
  #later(delayMs: number, run: () => void): void {
    this.#plan += 1
    const plan = this.#plan
    this.#options.timers.after(delayMs, () => {
      if (plan === this.#plan) run()
    })
  }

  #say(line: AgentLine, onSent: () => void = () => undefined): void {
    const answer = { id: this.#reservedId ?? this.nextId(), text: lineText(line) }
    this.#reservedId = undefined
    this.#current = answer
    this.#note('agent', answer.text)
    const early = this.#script.responseOrder === 'before-audio'
    if (early) this.#sendResponse(answer)
    this.#player.play(encodeSound(soundBytes(line.sound), this.#format), answer.id, () => {
      if (this.#script.emptyFinal) this.#sendFinal(answer.id)
      if (!early) this.#sendResponse(answer)
      if (this.#script.responseComplete) this.#sendComplete(answer.id)
      onSent()
    })
  }

  #callerSpeaks(): void {
    if (this.#leaving) return
    this.#plan += 1
    const answer = this.#current
    if (answer === undefined || !this.#script.interruptible || !this.#player.isHeard()) return
    const basis = this.#script.correctionBasis
    const share = basis === 'sent' ? this.#player.sentShare() : this.#player.heardShare()
    const stale = this.#player.stop()
    this.#current = undefined
    const id = this.#interruptionId(answer)
    this.#options.record.interruptions.push({ at: this.#options.clock.now(), eventId: id })
    this.#options.send({ type: 'interruption', interruption_event: { event_id: this.idOf(id) } })
    if (this.#script.staleAudio && stale !== undefined) this.#sendAudio(stale, answer.id)
    if (!this.#script.corrects) return
    const heard = answer.text.slice(0, Math.round(answer.text.length * share))
    const turn = this.#options.record.turns.findLast(({ message }) => message === answer.text)
    if (turn?.role === 'agent')
      Object.assign(turn, { message: `${heard}...`, originalMessage: answer.text })
    this.#options.send({
      type: 'agent_response_correction',
      agent_response_correction_event: {
        original_agent_response: answer.text,
        corrected_agent_response: `${heard}...`,
        event_id: this.idOf(id),
      },
    })
  }

  #interruptionId(answer: Answer): number {
    switch (this.#script.interruptionId) {
      case 'interrupted':
        return answer.id
      case 'next':
        return this.nextId()
      case 'same-as-reply':
        return (this.#reservedId = this.nextId())
    }
  }

  /** Goodbye, end_call, close: as the vendor does, without waiting for the goodbye to be heard. */
  #leave(): void {
    if (this.#leaving) return
    this.#leaving = true
    this.#plan += 1
    const { goodbye } = this.#script
    if (goodbye === null) this.#callEndCall()
    else this.#say(goodbye, () => this.#callEndCall())
  }

  #callEndCall(): void {
    const tool = {
      tool_name: 'end_call',
      tool_call_id: `tc_${this.nextId()}`,
      tool_type: 'system',
      event_id: this.idOf(this.#lastId),
    }
    this.#options.send({ type: 'agent_tool_request', agent_tool_request: tool })
    this.#options.send({
      type: 'agent_tool_response',
      agent_tool_response: { ...tool, is_error: false, is_called: true },
    })
    this.#options.timers.after(this.#script.closeDelayMs, () => this.#options.hangUp())
  }

  #note(role: 'user' | 'agent', message: string): void {
    const { record, clock } = this.#options
    record.turns.push({ role, message, at: clock.now() })
  }

  #sendResponse(answer: Answer): void {
    this.#options.send({
      type: 'agent_response',
      agent_response_event: { agent_response: answer.text, event_id: this.idOf(answer.id) },
    })
  }

  #sendChunk(chunk: AnswerChunk): void {
    const text = this.#current?.text ?? ''
    const { alignment, tellsFinal } = this.#script
    this.#sendAudio(chunk.bytes, chunk.eventId, {
      ...(alignment ? { alignment: alignmentOf(text, chunk) } : {}),
      ...(tellsFinal ? { is_final: chunk.isLast } : {}),
    })
  }

  #sendAudio(bytes: Buffer, id: number, more: Readonly<Record<string, unknown>> = {}): void {
    const { record, clock, send } = this.#options
    record.sentAudioAt.push(clock.now())
    record.sentAudioBytes += bytes.length
    const event = { audio_base_64: bytes.toString('base64'), event_id: this.idOf(id), ...more }
    send({ type: 'audio', audio_event: event })
  }

  #sendFinal(id: number): void {
    this.#options.send({
      type: 'audio',
      audio_event: { audio_base_64: '', event_id: this.idOf(id), is_final: true },
    })
  }

  #sendComplete(id: number): void {
    this.#options.send({
      type: 'agent_response_complete',
      agent_response_complete_event: { event_id: this.idOf(id) },
    })
  }
}

/** As if every letter took as long: those that begin in this chunk, counted from its beginning. */
function alignmentOf(text: string, { fromMs, toMs, answerMs }: AnswerChunk): unknown {
  const each = answerMs / Math.max(1, text.length)
  const letters = Array.from(text)
    .map((char, index) => ({ char, atMs: index * each }))
    .filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
  return {
    chars: letters.map(({ char }) => char),
    char_start_times_ms: letters.map(({ atMs }) => Math.round(atMs - fromMs)),
    char_durations_ms: letters.map(() => Math.round(each)),
  }
}
