// One media stream: a WebSocket of Twilio's to us, with the caller's audio every 20 ms and what we send played in real
// time (twilio.com/docs/voice/media-streams/websocket-messages).
import type { Socket } from 'node:net'
import { WebSocket, type RawData } from 'ws'
import { FRAME_BYTES, FRAME_MS, ULAW_SILENCE, type EpochMs } from '#core/contracts'
import { isLoopbackUrl } from './loopback.ts'
import { Playout } from './playout.ts'
import type { StreamRecord } from './records.ts'
import { rfc2822 } from './rfc2822.ts'
import { resolveUrl, type Scene } from './scene.ts'
import { newSid } from './sid.ts'
import { signatureOf } from './signature.ts'
import { decodeStreamMessage } from './stream-message.ts'
import type { StreamNoun } from './twiml-verbs.ts'

const HANDSHAKE_MS = 10_000
const CLOSE_MS = 1000
/** The vendor documents no limit; something has gone wrong long before this one. */
const MOST_BUFFERED_MS = 10 * 60 * 1000
const SILENCE = Buffer.alloc(FRAME_BYTES, ULAW_SILENCE)
const CLEAN_CODES: ReadonlySet<number> = new Set([1000, 1001, 1005])

interface Spoken {
  readonly ulaw: Buffer
  at: number
  readonly sent: () => void
}

export class MediaStream implements StreamRecord {
  readonly sid = newSid('MZ')
  readonly name: string | null
  readonly url: string
  readonly bidirectional: boolean
  readonly customParameters: Readonly<Record<string, string>>
  readonly requestedAt: EpochMs
  readonly received: { at: EpochMs; bytes: number }[] = []
  connectedAt: EpochMs | null = null
  startedAt: EpochMs | null = null
  closedAt: EpochMs | null = null
  closedBy: StreamRecord['closedBy'] = null
  closeCode: number | null = null
  refusedWith: number | null = null
  sentFrames = 0
  readonly #scene: Scene
  readonly #statusCallback: string | undefined
  readonly #playout: Playout
  readonly #over = Promise.withResolvers<undefined>()
  #spoken: Spoken[] = []
  #socket: WebSocket | undefined
  #tcp: Socket | undefined
  #sequence = 0
  #ticking: NodeJS.Timeout | undefined
  #startedMs = 0
  /** By our own doing. */
  #isStopped = false

  constructor(scene: Scene, noun: StreamNoun, bidirectional: boolean) {
    this.#scene = scene
    this.#statusCallback = noun.statusCallback
    this.name = noun.name
    this.url = noun.url
    this.bidirectional = bidirectional
    this.customParameters = noun.parameters
    this.requestedAt = scene.platform.now()
    this.#playout = new Playout(scene.platform.now, (name) => {
      this.#send({ event: 'mark', sequenceNumber: this.#next(), mark: { name } })
    })
  }

  get isOpen(): boolean {
    return this.startedAt !== null && this.closedAt === null && !this.#isStopped
  }
  get heardAudio(): Buffer {
    return this.#playout.heard
  }
  get heardFrames(): readonly Buffer[] {
    return this.#playout.frames
  }
  get bufferedMs(): number {
    return this.#playout.bufferedMs
  }
  get marks(): StreamRecord['marks'] {
    return this.#playout.marks
  }
  get clears(): StreamRecord['clears'] {
    return this.#playout.clears
  }

  /** Resolves when it is over, whoever ended it; the signal makes it stop. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const problem = problemOf(this.url)
    if (problem !== null) {
      this.#failed(31920, problem)
      return
    }
    if (signal.aborted) return
    const onAbort = (): void => this.stop()
    signal.addEventListener('abort', onAbort)
    this.#connect()
    await this.#over.promise
    signal.removeEventListener('abort', onAbort)
  }

  press(digit: string): void {
    const dtmf = { track: 'inbound_track', digit }
    this.#send({ event: 'dtmf', sequenceNumber: this.#next(), dtmf })
  }

  /** Behind what is said already; resolves when all of it was sent, or the stream is over. */
  say(ulaw: Buffer): Promise<void> {
    if (!this.isOpen || ulaw.length === 0) return Promise.resolve()
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.#spoken.push({ ulaw, at: 0, sent: () => resolve(undefined) })
    return promise
  }

  /** `stop`, then the close. */
  stop(): void {
    const { accountSid } = this.#scene.platform
    const stop = { accountSid, callSid: this.#scene.call.sid }
    if (this.isOpen) this.#send({ event: 'stop', sequenceNumber: this.#next(), stop })
    this.#isStopped = true
    this.closedBy ??= 'simulator'
    this.#close(1000)
  }

  /** The connection is reset. */
  vanish(): void {
    if (this.#socket === undefined || this.closedAt !== null) return
    this.#isStopped = true
    this.closedBy ??= 'lost'
    this.#tcp?.resetAndDestroy()
    this.#socket.terminate()
  }

  #connect(): void {
    const { platform } = this.#scene
    const { slashOnStreamUrl } = platform
    const given = new URL(this.url)
    const isBare = given.pathname === '/' && !this.url.endsWith('/')
    const signed = slashOnStreamUrl && isBare ? `${this.url}/` : this.url
    const reached = platform.reach(given.origin.replace(/^ws/, 'http')).replace(/^http/, 'ws')
    const socket = new WebSocket(new URL(given.pathname, reached), {
      headers: {
        host: given.host,
        'user-agent': 'Twilio.TmeWs/1.0',
        'x-twilio-signature': signatureOf(platform.authToken(), signed),
      },
      handshakeTimeout: HANDSHAKE_MS,
      perMessageDeflate: false,
    })
    this.#socket = socket
    socket.on('upgrade', ({ socket: tcp }) => (this.#tcp = tcp))
    socket.on('unexpected-response', (_request, response) => {
      this.refusedWith = response.statusCode ?? 0
      socket.terminate()
      this.#failed(31920, `WebSocket handshake: ${this.refusedWith}`)
    })
    socket.on('open', () => this.#opened())
    socket.on('message', (data, isBinary) => this.#received(data, isBinary))
    socket.on('error', () => {
      if (this.connectedAt === null && this.closedBy === null && this.refusedWith === null)
        this.#failed(31901, 'no connection')
    })
    socket.on('close', (code) => this.#closed(code))
  }

  #opened(): void {
    const { platform, call } = this.#scene
    this.connectedAt = platform.now()
    if (this.closedBy !== null) {
      this.#close(1000)
      return
    }
    this.startedAt = this.connectedAt
    this.#send({ event: 'connected', protocol: 'Call', version: '1.0.0' }, false)
    this.#send({
      event: 'start',
      sequenceNumber: this.#next(),
      start: {
        accountSid: platform.accountSid,
        streamSid: this.sid,
        callSid: call.sid,
        tracks: ['inbound'],
        mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
        customParameters: this.customParameters,
      },
    })
    call.write({ type: 'stream.started', stream: this })
    this.#tell('stream-started')
    this.#startedMs = performance.now()
    this.#tick()
  }

  /** As many frames as are due: a late timer makes up for it. */
  #tick(): void {
    const due = Math.floor((performance.now() - this.#startedMs) / FRAME_MS)
    while (this.sentFrames < due && this.isOpen) {
      this.sentFrames += 1
      const media = {
        track: 'inbound',
        chunk: String(this.sentFrames),
        timestamp: String(this.sentFrames * FRAME_MS),
        payload: this.#nextFrame().toString('base64'),
      }
      this.#send({ event: 'media', sequenceNumber: this.#next(), media })
      this.#playout.play()
    }
    const nextMs = this.#startedMs + (this.sentFrames + 1) * FRAME_MS - performance.now()
    if (this.isOpen) this.#ticking = setTimeout(() => this.#tick(), Math.max(1, nextMs))
  }

  #nextFrame(): Buffer {
    const [spoken] = this.#spoken
    if (spoken === undefined) return SILENCE
    const frame = Buffer.from(SILENCE)
    spoken.at += spoken.ulaw.copy(frame, 0, spoken.at)
    if (spoken.at >= spoken.ulaw.length) {
      this.#spoken.shift()
      spoken.sent()
    }
    return frame
  }

  #received(data: RawData, isBinary: boolean): void {
    if (!this.isOpen) return
    if (isBinary) {
      this.#wrong(31924, 'a binary message')
      return
    }
    const text = Buffer.isBuffer(data) ? data.toString() : ''
    const message = decodeStreamMessage(text, this.sid)
    if (message.kind === 'invalid') {
      this.#wrong(message.code, message.why)
      return
    }
    if (!this.bidirectional) {
      this.#wrong(31924, 'this stream is not bidirectional')
      return
    }
    switch (message.kind) {
      case 'media':
        this.received.push({ at: this.#scene.platform.now(), bytes: message.audio.length })
        if (this.bufferedMs > MOST_BUFFERED_MS) {
          this.#wrong(31951, 'more than ten minutes are to be played')
          return
        }
        this.#playout.add(message.audio)
        return
      case 'mark':
        this.#playout.mark(message.name)
        return
      case 'clear':
        this.#playout.clear()
        return
      default:
        message satisfies never
    }
  }

  #wrong(code: number, why: string): void {
    this.#scene.call.alert(code, `Stream: ${why}`)
    if (this.#scene.platform.strictStreams) this.stop()
  }

  #failed(code: number, why: string): void {
    this.closedBy ??= 'simulator'
    this.#scene.call.alert(code, `Stream: ${why}`)
    this.#tell('stream-error', why)
    this.#finish()
  }

  #closed(code: number): void {
    if (this.closedAt !== null) return
    this.closeCode = code
    this.closedBy ??= code === 1006 ? 'lost' : 'server'
    if (!this.#isStopped && this.startedAt !== null && !CLEAN_CODES.has(code))
      this.#scene.call.alert(31921, `Stream: the WebSocket was closed with ${code}`)
    this.#finish()
  }

  #finish(): void {
    if (this.closedAt !== null) return
    clearTimeout(this.#ticking)
    this.closedAt = this.#scene.platform.now()
    for (const { sent } of this.#spoken.splice(0)) sent()
    this.#scene.call.write({ type: 'stream.ended', stream: this })
    if (this.startedAt !== null) this.#tell('stream-stopped')
    this.#over.resolve(undefined)
  }

  #close(code: number): void {
    const socket = this.#socket
    if (socket === undefined || this.closedAt !== null) return
    clearTimeout(this.#ticking)
    if (socket.readyState === WebSocket.CONNECTING) {
      socket.terminate()
      return
    }
    socket.close(code)
    setTimeout(() => socket.terminate(), CLOSE_MS).unref()
  }

  #next(): string {
    return String(++this.#sequence)
  }

  #send(message: Readonly<Record<string, unknown>>, isNumbered = true): void {
    if (!this.isOpen) return
    const { event, sequenceNumber, ...rest } = message
    const whole = isNumbered ? { event, sequenceNumber, streamSid: this.sid, ...rest } : message
    this.#socket?.send(JSON.stringify(whole))
  }

  #tell(event: string, error?: string): void {
    const { call, platform, documentUrl } = this.#scene
    if (this.#statusCallback === undefined) return
    const url = resolveUrl({ documentUrl }, this.#statusCallback)
    if (url === null) return
    call.inBackground(
      call.send({
        kind: 'stream',
        url,
        method: 'POST',
        params: [
          ['AccountSid', platform.accountSid],
          ['CallSid', call.sid],
          ['StreamSid', this.sid],
          ['StreamName', this.name ?? this.sid],
          ['StreamEvent', event],
          ...(error === undefined ? [] : ([['StreamError', error]] as const)),
          ['Timestamp', rfc2822(platform.now())],
        ],
      }),
    )
  }
}

/** Why Twilio would not even try; null: it would. */
function problemOf(url: string): string | null {
  if (!URL.canParse(url)) return 'the URL is none'
  const { protocol, search } = new URL(url)
  if (protocol !== 'wss:' && !(protocol === 'ws:' && isLoopbackUrl(url)))
    return 'the URL is not wss'
  return search === '' ? null : 'the URL has a query'
}
