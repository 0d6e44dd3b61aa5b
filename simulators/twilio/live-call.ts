// One call: its state, who listens to its keys, its log, and its end.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { ms, type EpochMs } from '#core/contracts'
import { waitFor } from '#core/lifecycle'
import type { CallScript } from './call-script.ts'
import type { MediaStream } from './media-stream.ts'
import type { Platform } from './platform.ts'
import type {
  Alert,
  CallDirection,
  CallLogEntry,
  CallStatus,
  GatherRecord,
  HeardPiece,
  RecordingRecord,
  StreamRecord,
  Untimed,
  WebhookRecord,
} from './records.ts'
import { newSid } from './sid.ts'
import type { FormParams } from './signature.ts'
import type { SimulatedCall } from './simulated-call.ts'
import { StatusCallbacks, type CallbackTarget } from './status-callbacks.ts'
import type { DocumentSource } from './scene.ts'
import { baseParams } from './webhook-params.ts'
import type { Webhook, WebhookAnswer } from './webhook-client.ts'

export interface CallStart {
  readonly direction: CallDirection
  readonly from: string
  readonly to: string
  readonly script: CallScript
  readonly status: CallStatus
  readonly parentSid?: string
  readonly params?: Readonly<Record<string, string>>
  readonly statusCallback?: CallbackTarget
}

const WAIT_MS = 5000
const KEY_GAP_MS = 5

export class LiveCall implements SimulatedCall {
  readonly sid = newSid('CA')
  readonly direction: CallDirection
  readonly from: string
  readonly to: string
  readonly parentSid: string | null
  readonly script: CallScript
  readonly createdAt: EpochMs
  readonly log: CallLogEntry[] = []
  readonly webhooks: WebhookRecord[] = []
  readonly gathers: GatherRecord[] = []
  readonly heard: HeardPiece[] = []
  readonly streams: MediaStream[] = []
  readonly recordings: RecordingRecord[] = []
  readonly alerts: Alert[] = []
  /** Sent along with every webhook. */
  readonly extraParams: FormParams
  queueMs = 0
  startedAt: EpochMs | null = null
  endedAt: EpochMs | null = null
  updatedAt: EpochMs
  answeredBy: string | null = null
  /** How other TwiML takes over; set while TwiML runs. */
  onReplaced: ((source: DocumentSource) => void) | undefined
  readonly #platform: Platform
  readonly #callbacks: StatusCallbacks | undefined
  readonly #ending = new AbortController()
  readonly #waiting = new Set<(entry: CallLogEntry) => void>()
  readonly #background = new Set<Promise<unknown>>()
  #status: CallStatus
  #keyListener: ((key: string) => void) | undefined

  constructor(platform: Platform, start: CallStart) {
    this.#platform = platform
    this.direction = start.direction
    this.from = start.from
    this.to = start.to
    this.parentSid = start.parentSid ?? null
    this.script = start.script
    this.extraParams = Object.entries(start.params ?? {})
    this.createdAt = platform.now()
    this.updatedAt = this.createdAt
    this.#status = start.status
    const send = (webhook: Omit<Webhook, 'callSid'>): Promise<WebhookAnswer> => this.send(webhook)
    const { script, statusCallback } = start
    if (statusCallback !== undefined)
      this.#callbacks = new StatusCallbacks({ script, now: platform.now, send }, statusCallback)
  }

  get status(): CallStatus {
    return this.#status
  }

  /** Aborts when the call is over. */
  get signal(): AbortSignal {
    return this.#ending.signal
  }

  get isOver(): boolean {
    return this.#ending.signal.aborted
  }

  write(entry: Untimed<CallLogEntry>): void {
    const timed: CallLogEntry = { ...entry, at: this.#platform.now() }
    this.log.push(timed)
    for (const waiting of this.#waiting) waiting(timed)
  }

  alert(code: number, message: string): void {
    const alert: Alert = { at: this.#platform.now(), code, message }
    this.alerts.push(alert)
    this.write({ type: 'alert', alert })
  }

  send(webhook: Omit<Webhook, 'callSid'>): Promise<WebhookAnswer> {
    return this.#platform.webhooks.send({ ...webhook, callSid: this.sid })
  }

  /** The call is not at rest before it ends. */
  inBackground(work: Promise<unknown>): void {
    const settled = work
      .catch((error: unknown) => this.alert(0, `the simulator itself failed: ${String(error)}`))
      .finally(() => this.#background.delete(settled))
    this.#background.add(settled)
  }

  /** On the way to an end, which is `end`'s. */
  become(status: 'initiated' | 'ringing' | 'in-progress'): void {
    if (this.isOver || status === this.#status) return
    this.#status = status
    this.updatedAt = this.#platform.now()
    if (status === 'in-progress') this.#answered()
    this.write({ type: 'status', status })
    const event = status === 'in-progress' ? 'answered' : status
    this.#callbacks?.tell(event, baseParams(this.#platform.accountSid, this))
  }

  /** The status callbacks so far are answered, or have failed; those that the script delays are not waited for. */
  told(): Promise<unknown> {
    return this.#callbacks?.inOrder() ?? Promise.resolve()
  }

  #answered(): void {
    this.startedAt = this.updatedAt
    const { hangUpAfterMs } = this.script
    if (hangUpAfterMs === undefined) return
    this.inBackground(
      sleep(hangUpAfterMs, undefined, { signal: this.signal }).then(
        () => this.hangUp(),
        () => undefined, // It is over already.
      ),
    )
  }

  /** Once. @param told beside the status, to the status callback */
  end(status: CallStatus, told: FormParams = []): void {
    if (this.isOver) return
    this.#over(status)
    const seconds = this.durationSeconds
    this.#callbacks?.tell('completed', [
      ...baseParams(this.#platform.accountSid, this),
      ['CallDuration', String(seconds)],
      ['Duration', String(Math.ceil(seconds / 60))],
      ...(this.answeredBy === null ? [] : ([['AnsweredBy', this.answeredBy]] as const)),
      ...told,
    ])
  }

  #over(status: CallStatus): void {
    this.#status = status
    this.endedAt = this.#platform.now()
    this.updatedAt = this.endedAt
    this.#ending.abort()
    this.#platform.recordings.callEnded(this)
    this.write({ type: 'status', status })
  }

  get durationSeconds(): number {
    if (this.startedAt === null) return 0
    return Math.ceil(((this.endedAt ?? this.#platform.now()) - this.startedAt) / 1000)
  }

  /** Keys go there until the returned function is called. */
  listenForKeys(listener: (key: string) => void): () => void {
    this.#keyListener = listener
    return () => {
      if (this.#keyListener === listener) this.#keyListener = undefined
    }
  }

  async press(keys: string, { gapMs = KEY_GAP_MS } = {}): Promise<void> {
    for (const [index, key] of keys.split('').entries()) {
      if (index > 0) await sleep(gapMs)
      if (this.isOver) return
      this.#pressed(key)
    }
  }

  #pressed(key: string): void {
    const stream = this.#stream
    const listener = this.#keyListener
    const heardBy = listener ? 'gather' : stream ? 'stream' : 'nobody'
    this.write({ type: 'key', key, heardBy })
    if (listener) listener(key)
    else stream?.press(key)
  }

  /** The one that can be talked with. */
  get #stream(): MediaStream | undefined {
    return this.streams.find(({ bidirectional, isOpen }) => bidirectional && isOpen)
  }

  async say(ulaw: Buffer): Promise<void> {
    await Promise.all(this.streams.filter(({ isOpen }) => isOpen).map((stream) => stream.say(ulaw)))
  }

  hangUp(): void {
    const isRinging = this.startedAt === null
    // Whoever is called refuses; whoever calls gives up.
    this.end(!isRinging ? 'completed' : this.direction === 'inbound' ? 'no-answer' : 'busy')
  }

  dropStream(): void {
    for (const stream of this.streams) stream.vanish()
  }

  vanish(): void {
    this.dropStream()
    if (!this.isOver) this.#over('failed')
  }

  waitFor(fits: (entry: CallLogEntry) => boolean, timeoutMs = WAIT_MS): Promise<CallLogEntry> {
    const known = this.log.find(fits)
    if (known) return Promise.resolve(known)
    const { promise, resolve } = Promise.withResolvers<CallLogEntry>()
    const look = (entry: CallLogEntry): void => {
      if (fits(entry)) resolve(entry)
    }
    this.#waiting.add(look)
    const last = this.log.slice(-8).map(({ type }) => type)
    const name = `what was waited for in a simulated call (${this.#status}: ${last.join(', ')})`
    return waitFor(promise, { name, timeout: ms(timeoutMs) }).finally(() =>
      this.#waiting.delete(look),
    )
  }

  async waitForGather(index: number, timeoutMs = WAIT_MS): Promise<GatherRecord> {
    const entry = await this.waitFor(
      (each) => each.type === 'gather.listening' && each.gather.index === index,
      timeoutMs,
    )
    if (entry.type !== 'gather.listening') throw new Error('unreachable')
    return entry.gather
  }

  async waitForStream(timeoutMs = WAIT_MS): Promise<StreamRecord> {
    const entry = await this.waitFor(({ type }) => type === 'stream.started', timeoutMs)
    if (entry.type !== 'stream.started') throw new Error('unreachable')
    return entry.stream
  }

  async waitForEnd(timeoutMs = WAIT_MS): Promise<CallStatus> {
    const ended = this.isOver ? Promise.resolve() : once(this.signal, 'abort')
    const settled = ended.then(async () => {
      while (this.#background.size > 0) await Promise.all(this.#background)
      await this.#callbacks?.settled()
    })
    await waitFor(settled, { name: 'the end of a simulated call', timeout: ms(timeoutMs) })
    return this.#status
  }
}
