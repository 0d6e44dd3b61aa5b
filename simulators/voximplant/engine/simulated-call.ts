// One leg of a session: what the phone does, in the order in which the platform tells it.
import type { Arrival, CallFacts, VendorCallState } from './sandbox/messages.ts'
import { createPacer, type Pacer } from './pacer.ts'
import type { PhoneScript, SessionCall, SessionFaults, SessionRecord } from './session-plan.ts'

/** From dialling to the first ring, or to the network's no. */
const DIAL_MS = 60
const DEFAULT_RING_MS = 200
const ANSWER_MS = 30
/** Unanswered legs of both directions; voximplant.com/docs/guides/voxengine/limits. */
const UNANSWERED_MS = 60_000
const RECORD_STARTS_MS = 20
/** The recording stops after the call. */
const RECORD_STOPS_MS = 60
const SPEECH_MS_PER_LETTER = 60
const BETWEEN_DIGITS_MS = 300
const DEFAULT_DIGITS_MS = 1500
const COST_PER_MINUTE = { outbound: 0.02, inbound: 0.005, record: 0.004 } as const

export interface SimulatedCallOptions {
  readonly facts: CallFacts
  readonly script: PhoneScript
  readonly faults: SessionFaults
  readonly pace: number
  readonly tell: (arrival: Arrival) => void
  readonly newRecord: () => { readonly id: number; readonly url: string }
  readonly changed: () => void
}

interface Recording {
  readonly id: number
  readonly url: string
  readonly startTime: number
  durationSeconds: number
  cost: number
  isRunning: boolean
}

export class SimulatedCall {
  readonly facts: CallFacts
  /** Once, when it is answered. */
  onConnected: (() => void) | undefined
  readonly #script: PhoneScript
  readonly #options: SimulatedCallOptions
  readonly #pacer: Pacer
  readonly #startTime = Date.now()
  #state: VendorCallState
  #connectedAt: number | null = null
  #durationSeconds = 0
  #cost = 0
  #endReason = ''
  #record: Recording | null = null
  #handlesTones = false
  #playing = 0

  constructor(options: SimulatedCallOptions) {
    this.#options = options
    this.facts = options.facts
    this.#script = options.script
    this.#state = options.facts.state
    this.#pacer = createPacer(options.pace)
  }

  get isOver(): boolean {
    return this.#state === 'TERMINATED'
  }

  get isConnected(): boolean {
    return this.#state === 'CONNECTED'
  }

  dial(): void {
    const { answer, ringMs = DEFAULT_RING_MS } = this.#script
    this.#pacer.after(UNANSWERED_MS, () => this.#fail(408, 'Request Timeout'))
    if (answer === 'invalid') {
      this.#pacer.after(DIAL_MS, () => this.#fail(404, 'Not Found'))
      return
    }
    this.#pacer.after(DIAL_MS, () => this.#ring())
    const afterRinging = DIAL_MS + ringMs
    if (answer === 'busy') this.#pacer.after(afterRinging, () => this.#fail(486, 'Busy Here'))
    if (answer === 'declined') this.#pacer.after(afterRinging, () => this.#fail(603, 'Decline'))
    if (answer === 'yes' || answer === 'voicemail') {
      this.#pacer.after(afterRinging, () => this.#connect())
    }
  }

  /** The session has had too many. */
  refuse(): void {
    this.#pacer.after(DIAL_MS, () => this.#fail(403, 'Forbidden'))
  }

  /** An inbound one, from when the scenario is told of it. */
  alert(): void {
    const { givesUpAfterMs } = this.#script
    this.#pacer.after(UNANSWERED_MS, () => this.#disconnect(408, 'Request Timeout'))
    if (givesUpAfterMs === undefined) return
    this.#pacer.after(givesUpAfterMs, () => {
      if (!this.isConnected) this.#disconnect(487, 'Request Terminated')
    })
  }

  answer(): void {
    if (this.#state !== 'ALERTING') return
    this.#pacer.after(ANSWER_MS, () => {
      if (this.#state === 'ALERTING') this.#connect()
    })
  }

  reject(code: number): void {
    if (this.#state === 'ALERTING') this.#disconnect(code, 'Rejected')
  }

  hangup(): void {
    if (this.#options.faults.hangUpIgnored === true) return
    this.#pacer.after(ANSWER_MS, () => {
      if (this.isConnected) this.#disconnect(200, 'Normal call clearing')
      else if (this.facts.incoming) this.#disconnect(603, 'Decline')
      else this.#fail(487, 'Request Terminated')
    })
  }

  /** The far end's own doing, now. */
  hangUpFromAfar(): void {
    if (this.isConnected) this.#disconnect(200, 'Normal call clearing')
  }

  hangsUpWhileOpening(): boolean {
    return this.#script.hangUpWhileOpening === true && this.isConnected
  }

  handleTones(handle: boolean): void {
    this.#handlesTones = handle
  }

  say(text: string): void {
    this.#play(text.length * SPEECH_MS_PER_LETTER)
  }

  startPlayback(): void {
    this.#play(1000)
  }

  /** PlaybackFinished does not follow: so the vendor's reference. */
  stopPlayback(): void {
    this.#playing += 1
  }

  record(): void {
    if (!this.isConnected || this.#record !== null) return
    if (this.#options.faults.recordError === true) {
      this.#pacer.after(RECORD_STARTS_MS, () => this.#tell('RecordError', { error: 'Internal' }))
      return
    }
    const { id, url } = this.#options.newRecord()
    const startTime = Date.now()
    this.#record = { id, url, startTime, durationSeconds: 0, cost: 0, isRunning: true }
    this.#pacer.after(RECORD_STARTS_MS, () => this.#tell('RecordStarted', { url }))
  }

  /** What the detector makes of this phone. */
  get isVoicemail(): boolean {
    return this.#script.answer === 'voicemail'
  }

  /** The session is over: no more is told of the call. */
  cut(reason: string): void {
    if (!this.isOver) this.#end(reason)
    this.#stopRecord()
    this.#pacer.clear()
  }

  result(): SessionCall {
    const { incoming, number, callerid } = this.facts
    return {
      startTime: this.#startTime,
      durationSeconds: this.#durationSeconds,
      localNumber: incoming ? number : callerid,
      remoteNumber: incoming ? callerid : number,
      incoming,
      successful: this.#connectedAt !== null,
      endReason: this.#endReason,
      cost: this.#cost,
    }
  }

  recordResult(): SessionRecord | null {
    if (this.#record === null) return null
    const { id: recordId, startTime, durationSeconds, cost } = this.#record
    return { recordId, startTime, durationSeconds, cost }
  }

  #ring(): void {
    this.#tell('Ringing', { headers: {} })
    if (this.#script.earlyMedia === true) this.#tell('AudioStarted', { headers: {} })
  }

  #connect(): void {
    if (this.isOver) return
    this.#pacer.clear()
    this.#state = 'CONNECTED'
    this.#connectedAt = Date.now()
    this.#tell('Connected', { headers: {} })
    if (this.#options.faults.connectedTwice === true) this.#tell('Connected', { headers: {} })
    const { talkMs, digits = '', digitsAfterMs = DEFAULT_DIGITS_MS } = this.#script
    if (talkMs !== undefined) this.#pacer.after(talkMs, () => this.hangUpFromAfar())
    for (const [position, tone] of digits.split('').entries()) {
      this.#pacer.after(digitsAfterMs + position * BETWEEN_DIGITS_MS, () => {
        if (this.#handlesTones) this.#tell('ToneReceived', { tone, type: 'telephone-event' })
      })
    }
    this.onConnected?.()
  }

  #play(lengthMs: number): void {
    this.#playing += 1
    const generation = this.#playing
    if (this.#options.faults.sayNeverFinishes === true) return
    this.#pacer.after(lengthMs, () => {
      if (this.#playing === generation && this.isConnected) this.#tell('PlaybackFinished', {})
    })
  }

  #fail(code: number, reason: string): void {
    if (this.isOver || this.isConnected) return
    this.#end(reason)
    this.#tell('Failed', { code, reason, headers: {} })
    this.#options.changed()
  }

  #disconnect(internalCode: number, reason: string): void {
    if (this.isOver) return
    this.#end(reason)
    const billed = { duration: this.#durationSeconds, cost: this.#cost }
    const direction = this.facts.incoming ? 'Incoming' : 'PSTN outgoing'
    this.#tell('Disconnected', { internalCode, reason, ...billed, direction, headers: {} })
    const record = this.#stopRecord()
    if (record !== null && this.#options.faults.recordStoppedNever !== true) {
      const { url, cost, durationSeconds: duration } = record
      this.#pacer.after(RECORD_STOPS_MS, () =>
        this.#tell('RecordStopped', { url, cost: cost.toFixed(4), duration }),
      )
    }
    this.#options.changed()
  }

  #end(reason: string): void {
    this.#pacer.clear()
    this.#state = 'TERMINATED'
    this.#endReason = reason
    if (this.#connectedAt === null) return
    this.#durationSeconds = this.#pacer.secondsSince(this.#connectedAt)
    const { incoming } = this.facts
    const perMinute = incoming ? COST_PER_MINUTE.inbound : COST_PER_MINUTE.outbound
    this.#cost = minutes(this.#durationSeconds) * perMinute
  }

  #stopRecord(): Recording | null {
    const record = this.#record
    if (record === null || !record.isRunning) return null
    record.isRunning = false
    record.durationSeconds = this.#pacer.secondsSince(record.startTime)
    record.cost = minutes(record.durationSeconds) * COST_PER_MINUTE.record
    return record
  }

  #tell(name: string, data: Readonly<Record<string, unknown>>): void {
    this.#options.tell({ kind: 'call', id: this.facts.id, name, state: this.#state, data })
  }
}

const minutes = (seconds: number): number => Math.ceil(seconds / 60)
