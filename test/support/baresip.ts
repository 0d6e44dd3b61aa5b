// Debian's baresip as a softphone: a WAV file is its microphone, another keeps what it hears, a TCP port drives it.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { decodeUlaw, encodeUlaw } from '../../bridge/audio/g711.ts'
import { messageOf } from '../../core/errors/index.ts'
import {
  eventually,
  freeTcpPort,
  freeUdpPort,
  needs,
  startProgram,
  temporaryFolder,
} from './process.ts'
import { pcmWav } from './wav-writing.ts'

export const baresipOptions = needs('baresip', 'baresip-core')

export interface BaresipEvent {
  readonly type: string
  readonly param: string
  readonly atMs: number
}

export interface BaresipOptions {
  /** What it answers challenges with. */
  readonly username?: string
  readonly password?: string
  /** The only codec it knows. PCMU by default. */
  readonly codec?: 'PCMU' | 'PCMA' | 'opus'
  /** It speaks SRTP by SDES (RFC 4568) and nothing else. */
  readonly srtp?: boolean
  /** The number it is called by, when it takes calls by itself. */
  readonly number?: string
}

export interface Baresip {
  /** Of SIP. */
  readonly port: number
  dial(uri: string): void
  /** Keys, as telephone events in RTP. */
  press(keys: string): void
  hangUp(): void
  readonly events: readonly BaresipEvent[]
  /** The first event of this type. @throws Error after the time. */
  event(type: string, timeoutMs: number): Promise<BaresipEvent>
  /** µ-law of what it heard; complete once the call is over. */
  heard(): Uint8Array
  /** Its own words. */
  log(): string
}

const WAV_HEADER_BYTES = 44
const ATTEMPTS = 3

/** @param says µ-law, 8000 a second: its microphone */
export async function startBaresip(
  t: Test,
  says: Uint8Array,
  options: BaresipOptions = {},
): Promise<Baresip> {
  const folder = temporaryFolder(t, 'baresip')
  const recordings = join(folder, 'heard')
  mkdirSync(recordings)
  const microphone = join(folder, 'microphone.wav')
  writeFileSync(microphone, pcmWav(decodeUlaw(says)))
  // A port that was free may be taken by the time baresip binds it; it says nothing then and lives on.
  for (let attempt = 1; ; attempt += 1) {
    const control = await freeTcpPort()
    const sip = await freeUdpPort()
    writeFileSync(join(folder, 'config'), configOf({ microphone, recordings, control, sip }))
    writeFileSync(join(folder, 'accounts'), accountOf(sip, options))
    const program = startProgram(t, ['baresip', '-4', '-f', folder])
    const socket = await connectWithin(control, 5000)
    if (socket) {
      t.teardown(() => socket.destroy())
      return new ControlledBaresip(socket, sip, recordings, () => program.stdout + program.stderr)
    }
    if (attempt === ATTEMPTS) throw new Error('baresip does not listen')
    program.signal('SIGKILL')
  }
}

function accountOf(sip: number, options: BaresipOptions): string {
  const { username, password, codec = 'PCMU', number, srtp = false } = options
  const auth = username === undefined ? '' : `;auth_user=${username};auth_pass=${password ?? ''}`
  const answers = number === undefined ? '' : ';answermode=auto'
  const codecs = codec === 'opus' ? 'opus/48000/2' : codec
  const secured = srtp ? ';mediaenc=srtp-mand' : ''
  const who = `sip:${number ?? 'softphone'}@127.0.0.1:${sip}`
  return `<${who}>;regint=0;audio_codecs=${codecs}${secured}${auth}${answers}\n`
}

class ControlledBaresip implements Baresip {
  readonly events: BaresipEvent[] = []
  readonly log: () => string
  readonly port: number
  readonly #socket: Socket
  readonly #recordings: string
  #pending = ''
  #commands = 0
  #answers = 0

  constructor(socket: Socket, port: number, recordings: string, log: () => string) {
    this.#socket = socket
    this.port = port
    this.#recordings = recordings
    this.log = log
    socket.setEncoding('latin1').on('data', (text: string) => this.#receive(text))
    // The end of the process; its exit is what counts.
    socket.on('error', () => undefined)
  }

  dial(uri: string): void {
    this.#command('dial', uri)
  }

  press(keys: string): void {
    this.#command('sndcode', keys)
  }

  hangUp(): void {
    this.#command('hangup')
  }

  async event(type: string, timeoutMs: number): Promise<BaresipEvent> {
    try {
      return await eventually(`baresip to say ${type}`, timeoutMs, () =>
        this.events.find((event) => event.type === type),
      )
    } catch (error) {
      const told = this.events.map((event) => event.type).join(' ')
      throw new Error(
        `${messageOf(error)}; it answered ${this.#answers} of ${this.#commands} commands, told ` +
          `${told || 'nothing'} and logged: ${this.log().slice(-1500)}`,
        { cause: error },
      )
    }
  }

  heard(): Uint8Array {
    const file = readdirSync(this.#recordings).find((name) => name.endsWith('-dec.wav'))
    if (file === undefined) return new Uint8Array(0)
    const wav = readFileSync(join(this.#recordings, file)).subarray(WAV_HEADER_BYTES)
    const samples = new Int16Array(wav.length >> 1)
    for (let at = 0; at < samples.length; at += 1) samples[at] = wav.readInt16LE(at * 2)
    return encodeUlaw(samples)
  }

  #command(command: string, params?: string): void {
    this.#commands += 1
    const json = JSON.stringify({ command, ...(params === undefined ? {} : { params }) })
    this.#socket.write(`${Buffer.byteLength(json)}:${json},`)
  }

  /** Netstrings of JSON. */
  #receive(text: string): void {
    this.#pending += text
    for (;;) {
      const head = /^(\d+):/.exec(this.#pending)
      if (!head) return
      const start = head[0].length
      const end = start + Number(head[1])
      if (this.#pending.length <= end) return
      const message = JSON.parse(this.#pending.slice(start, end)) as Record<string, unknown>
      this.#pending = this.#pending.slice(end + 1)
      const { event, response, type, param } = message
      if (response === true) this.#answers += 1
      if (event === true && typeof type === 'string')
        this.events.push({ type, param: typeof param === 'string' ? param : '', atMs: Date.now() })
    }
  }
}

async function connectWithin(port: number, timeoutMs: number): Promise<Socket | undefined> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const connected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    if (connected) return socket
    if (performance.now() > deadline) return undefined
    await sleep(50)
  }
}

interface Places {
  readonly microphone: string
  readonly recordings: string
  readonly control: number
  readonly sip: number
}

/** `net_interface` takes the address, not `lo`; the player goes nowhere, sndfile keeps what passes by. */
const configOf = ({ microphone, recordings, control, sip }: Places): string => `
poll_method epoll
sip_listen 127.0.0.1:${sip}
net_interface 127.0.0.1
audio_source aufile,${microphone}
audio_player aubridge,nowhere
audio_alert aubridge,nowhere
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
ausrc_format s16
auplay_format s16
auenc_format s16
audec_format s16
jitter_buffer_delay 1-5
module_path /usr/lib/baresip/modules
module g711.so
module opus.so
module srtp.so
module sndfile.so
module aufile.so
module aubridge.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:${control}
snd_path ${recordings}
`
