// Twilio's end of one line: asks what to do with a call, connects the stream it is told to with the parameters it is told,
// sends marked frames, plays what comes back in real time and says so at its marks
// (twilio.com/docs/voice/media-streams/websocket-messages).
import { once } from 'node:events'
import WebSocket from 'ws'
import { FRAME_BYTES, FRAME_MS, SAMPLES_PER_MS } from '../../core/contracts/index.ts'
import { signatureOf, type FormParams } from '../../simulators/twilio/index.ts'
import { numberOf } from './agent-server.ts'
import type { ProbeClock } from './probe-clock.ts'
import { markText, readMark } from './probe-mark.ts'
import { postSigned } from './signed-webhook.ts'
import { SPEECH_AFTER_MARK_TEXT } from './speech.ts'

export interface StreamCallerOptions {
  readonly probes: ProbeClock
  /** A marked frame of the agent was heard. */
  readonly onHeard: (mark: number, atMs: number) => void
}

/** Where calls are told of, and with which account's signature. */
export interface StreamDoor {
  /** `http://127.0.0.1:PORT` */
  readonly httpUrl: string
  readonly authToken: string
}

const CONNECT_WITHIN_MS = 10_000
const MEDIA_START = '{"event":"media"'

export class StreamCaller {
  readonly #line: number
  readonly #options: StreamCallerOptions
  readonly #callSid: string
  readonly #streamSid: string
  /** Of what both sides write. */
  readonly #prefix: string
  #socket: WebSocket | undefined
  #count = 0
  #sequence = 0
  #framesSent = 0
  #playedAtMs = 0
  #marks: { readonly name: string; readonly dueMs: number }[] = []

  constructor(line: number, options: StreamCallerOptions) {
    const id = String(line).padStart(32, '0')
    this.#line = line
    this.#options = options
    this.#callSid = `CA${id}`
    this.#streamSid = `MZ${id}`
    this.#prefix = `${MEDIA_START},"streamSid":"${this.#streamSid}","media":{"payload":"`
  }

  get isConnected(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN
  }

  /** Resolves when the stream has begun. */
  async call(door: StreamDoor): Promise<void> {
    const { authToken, httpUrl } = door
    const url = `${httpUrl}/webhook/voice`
    const params = this.#params('ringing')
    const twiml = await postSigned({ authToken, url, params })
    const streamUrl = /<Stream [^>]*url="([^"]+)"/.exec(twiml)?.[1]
    if (streamUrl === undefined) throw new Error('a call is not told to connect a stream')
    const said = twiml.matchAll(/<Parameter name="([^"]*)" value="([^"]*)"/g)
    const parameters = Object.fromEntries([...said].map(([, name, value]) => [name, value]))
    const socket = new WebSocket(streamUrl, {
      headers: { 'x-twilio-signature': signatureOf(authToken, streamUrl) },
      handshakeTimeout: CONNECT_WITHIN_MS,
      perMessageDeflate: false,
      skipUTF8Validation: true,
    })
    socket.on('message', (data) => this.#receive(data as Buffer))
    await once(socket, 'open')
    socket.on('error', () => undefined) // 'close' follows.
    this.#socket = socket
    this.#begin(socket, parameters)
  }

  /** One frame, and what was played by now. */
  speak(): void {
    const socket = this.#socket
    if (socket?.readyState !== WebSocket.OPEN) return
    const count = (this.#count = (this.#count + 1) & 0xffffff)
    const media =
      `{"event":"media","sequenceNumber":"${(this.#sequence += 1)}","streamSid":"${this.#streamSid}",` +
      `"media":{"track":"inbound","chunk":"${count}","timestamp":"${count * FRAME_MS}",` +
      `"payload":"${markText(count)}${SPEECH_AFTER_MARK_TEXT}"}}`
    this.#framesSent += 1
    const nowMs = performance.now()
    this.#options.probes.sent(count, nowMs)
    socket.send(media)
    this.#tellPlayed(nowMs)
  }

  begin(): void {
    this.#framesSent = 0
  }

  end(): { readonly framesSent: number } {
    return { framesSent: this.#framesSent }
  }

  async hangUp({ authToken, httpUrl }: StreamDoor): Promise<void> {
    const socket = this.#socket
    if (socket === undefined) return
    this.#socket = undefined
    const stop = { event: 'stop', streamSid: this.#streamSid, stop: { callSid: this.#callSid } }
    socket.send(JSON.stringify(stop))
    const closed = once(socket, 'close')
    socket.close(1000)
    await closed
    const url = `${httpUrl}/webhook/status`
    await postSigned({ authToken, url, params: this.#params('completed') })
  }

  #params(status: string): FormParams {
    return [
      ['CallSid', this.#callSid],
      ['AccountSid', `AC${'0'.repeat(32)}`],
      ['From', `+4930557${String(this.#line).padStart(4, '0')}`],
      ['To', numberOf(this.#line)],
      ['ApiVersion', '2010-04-01'],
      ['Direction', 'inbound'],
      ['CallStatus', status],
    ]
  }

  #begin(socket: WebSocket, customParameters: Readonly<Record<string, string>>): void {
    socket.send('{"event":"connected","protocol":"Call","version":"1.0.0"}')
    const start = {
      streamSid: this.#streamSid,
      callSid: this.#callSid,
      tracks: ['inbound'],
      mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
      customParameters,
    }
    const sequenceNumber = String((this.#sequence += 1))
    socket.send(
      JSON.stringify({ event: 'start', sequenceNumber, streamSid: this.#streamSid, start }),
    )
  }

  #receive(data: Buffer): void {
    const nowMs = performance.now()
    const text = data.toString('latin1')
    if (text.startsWith(this.#prefix)) {
      this.#play(text.slice(this.#prefix.length, text.indexOf('"', this.#prefix.length)), nowMs)
      return
    }
    const message = JSON.parse(text) as {
      readonly event?: unknown
      readonly mark?: { readonly name?: unknown }
    }
    if (message.event === 'mark')
      this.#marks.push({ name: String(message.mark?.name), dueMs: this.#playedAtMs })
    else if (message.event === 'clear') this.#clear()
    else throw new Error('a stream is sent something that Twilio does not know')
  }

  #play(payload: string, nowMs: number): void {
    const audio = Buffer.from(payload, 'base64')
    for (let at = 0; at + FRAME_BYTES <= audio.length; at += FRAME_BYTES) {
      const mark = readMark(audio, at)
      if (mark >= 0) this.#options.onHeard(mark, nowMs)
    }
    this.#playedAtMs = Math.max(this.#playedAtMs, nowMs) + audio.length / SAMPLES_PER_MS
  }

  #clear(): void {
    this.#playedAtMs = 0
    this.#marks = this.#marks.map(({ name }) => ({ name, dueMs: 0 }))
  }

  #tellPlayed(nowMs: number): void {
    for (
      let [mark] = this.#marks;
      mark !== undefined && mark.dueMs <= nowMs;
      [mark] = this.#marks
    ) {
      this.#marks.shift()
      const sequenceNumber = String((this.#sequence += 1))
      const told = { event: 'mark', sequenceNumber, streamSid: this.#streamSid }
      this.#socket?.send(JSON.stringify({ ...told, mark: { name: mark.name } }))
    }
  }
}
