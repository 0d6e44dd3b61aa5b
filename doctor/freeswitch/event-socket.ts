// A few questions to FreeSWITCH over its event socket: lines of text over TCP, an answer at a time. The library that calls
// use never tells that a secret was refused, and waits for ever when the other end falls silent.
// https://developer.signalwire.com/freeswitch/FreeSWITCH-Explained/Modules/mod_event_socket_1048924/ (read 2026-11)
import { connect, type Socket } from 'node:net'
import type { Milliseconds } from '#core/contracts'
import { systemCodeOf } from '#core/errors'

export interface EventSocketAccess {
  readonly host: string
  readonly port: number
  readonly secret: string
}

export interface EventSocket {
  /** What the command says; undefined when nothing came in time. */
  api(command: string): Promise<string | undefined>
  close(): void
}

export type EventSocketOpening =
  | { readonly kind: 'open'; readonly socket: EventSocket }
  | { readonly kind: 'wrong-secret' }
  /** Its access list has not our address. */
  | { readonly kind: 'not-admitted' }
  /** `code`: the system's, such as ECONNREFUSED. */
  | { readonly kind: 'unreachable'; readonly code: string }
  /** It took the connection and said nothing, or nothing of this protocol. */
  | { readonly kind: 'not-freeswitch' }

interface Message {
  readonly type: string
  readonly reply: string
  readonly body: string
}

/** Never rejects. @param timeout of the connection, and of each answer */
export async function openEventSocket(
  { host, port, secret }: EventSocketAccess,
  timeout: Milliseconds,
): Promise<EventSocketOpening> {
  const line = new Line(connect({ host, port }), timeout)
  const refused = (opening: EventSocketOpening): EventSocketOpening => {
    line.close()
    return opening
  }
  const code = await line.connected()
  if (code !== undefined) return refused({ kind: 'unreachable', code })
  const greeting = await line.next()
  if (greeting?.type === 'text/rude-rejection') return refused({ kind: 'not-admitted' })
  if (greeting?.type !== 'auth/request') return refused({ kind: 'not-freeswitch' })
  const answer = await line.ask(`auth ${secret}`)
  if (answer === undefined) return refused({ kind: 'not-freeswitch' })
  if (!answer.reply.startsWith('+OK')) return refused({ kind: 'wrong-secret' })
  return {
    kind: 'open',
    socket: {
      api: async (command) => (await line.ask(`api ${command}`))?.body,
      close: () => line.close(),
    },
  }
}

/** An answer of those that are asked for has some kilobytes. */
const LONGEST_MESSAGE_BYTES = 262_144

class Line {
  readonly #socket: Socket
  readonly #timeout: Milliseconds
  readonly #messages: Message[] = []
  #heard = Buffer.alloc(0)
  #isOver = false
  #wake: () => void = () => undefined
  readonly #opened: Promise<string | undefined>

  constructor(socket: Socket, timeout: Milliseconds) {
    this.#socket = socket
    this.#timeout = timeout
    this.#opened = new Promise((resolve) => {
      const late = setTimeout(() => resolve('ETIMEDOUT'), timeout)
      const settle = (code: string | undefined): void => {
        clearTimeout(late)
        resolve(code)
      }
      socket.once('connect', () => settle(undefined))
      socket.on('error', (error) => settle(systemCodeOf(error) ?? error.name))
    })
    socket.on('data', (bytes) => this.#hear(bytes))
    socket.on('close', () => {
      this.#isOver = true
      this.#wake()
    })
  }

  /** The code of what went wrong. */
  connected(): Promise<string | undefined> {
    return this.#opened
  }

  ask(command: string): Promise<Message | undefined> {
    this.#socket.write(`${command}\n\n`)
    return this.next()
  }

  /** Undefined when none came in time. One question at a time. */
  async next(): Promise<Message | undefined> {
    if (this.#messages.length === 0 && !this.#isOver)
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, this.#timeout)
        this.#wake = () => {
          clearTimeout(late)
          resolve()
        }
      })
    return this.#messages.shift()
  }

  close(): void {
    this.#socket.destroy()
  }

  #hear(bytes: Buffer): void {
    this.#heard = Buffer.concat([this.#heard, bytes])
    for (let end = this.#take(); end > 0; end = this.#take())
      this.#heard = this.#heard.subarray(end)
    if (this.#heard.length > LONGEST_MESSAGE_BYTES) this.#socket.destroy()
    if (this.#messages.length > 0) this.#wake()
  }

  /** Keeps the first message when it is whole, and says how long it was. */
  #take(): number {
    const head = this.#heard.indexOf('\n\n')
    if (head < 0) return 0
    const headers = readHeaders(this.#heard.toString('utf8', 0, head))
    const start = head + 2
    const end = start + (Number(headers.get('content-length')) || 0)
    if (this.#heard.length < end) return 0
    this.#messages.push({
      type: headers.get('content-type') ?? '',
      reply: headers.get('reply-text') ?? '',
      body: this.#heard.toString('utf8', start, end),
    })
    return end
  }
}

const readHeaders = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split('\n').map((line) => {
      const [name = '', ...value] = line.split(':')
      return [name.trim().toLowerCase(), value.join(':').trim()]
    }),
  )
