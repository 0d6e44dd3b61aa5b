// A drachtio-server that says what a real one said: each frame of ours calls forth what followed it in the recording.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { encode, FrameSplitter, kindOf, type Frame } from './frames.ts'

export interface Replay {
  readonly port: number
  /** Frames of ours that the recording has and that never came, and those that came and are not in it. */
  missing(): readonly string[]
  readonly unknown: readonly string[]
  close(): Promise<void>
}

export const readFrames = (file: string): readonly Frame[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Frame)

export async function startReplay(frames: readonly Frame[]): Promise<Replay> {
  const play = new Playback(frames)
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    const splitter = new FrameSplitter()
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      for (const text of splitter.take(bytes))
        for (const answer of play.heard(text)) socket.write(encode(answer))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    missing: () => play.missing(),
    unknown: play.unknown,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

class Playback {
  readonly unknown: string[] = []
  readonly #frames: readonly Frame[]
  /** Frames of ours that came. */
  readonly #came = new Set<number>()
  /** The id of the recording → the id of this run. */
  readonly #ids = new Map<string, string>()
  #next = 0

  constructor(frames: readonly Frame[]) {
    this.#frames = frames
  }

  /** What the server says now. */
  heard(text: string): string[] {
    const kind = kindOf(text)
    const at = this.#frames.findIndex(
      (frame, index) =>
        frame.from === 'app' && !this.#came.has(index) && kindOf(frame.text) === kind,
    )
    const frame = this.#frames[at]
    // What we want to be told of may have grown since.
    if (frame === undefined && kind.startsWith('route')) return [`new|response|${idOf(text)}|OK`]
    if (frame === undefined) {
      this.unknown.push(kind)
      return []
    }
    this.#came.add(at)
    this.#ids.set(idOf(frame.text), idOf(text))
    return [...this.#due()]
  }

  missing(): readonly string[] {
    return this.#frames
      .filter((frame, index) => frame.from === 'app' && !this.#came.has(index))
      .map(({ text }) => kindOf(text))
  }

  *#due(): Generator<string> {
    for (; this.#next < this.#frames.length; this.#next += 1) {
      const frame = this.#frames[this.#next]
      if (frame === undefined) return
      if (frame.from === 'server') yield this.#asOfNow(frame.text)
      else if (!this.#came.has(this.#next)) return
    }
  }

  /** `ID|response|ID of ours|…` */
  #asOfNow(text: string): string {
    const [own, verb, asked = '', ...rest] = text.split('|')
    if (verb !== 'response') return text
    return [own, verb, this.#ids.get(asked) ?? asked, ...rest].join('|')
  }
}

const idOf = (text: string): string => text.slice(0, text.indexOf('|'))
