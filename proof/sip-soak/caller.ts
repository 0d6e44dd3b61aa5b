// Callers made of one socket that do what no scripted caller does: vanish, acknowledge late, cancel too late.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { readMessage, type Response } from '../party/read-message.ts'
import { requestText, responseText, SDP, withinDialog } from '../party/write-message.ts'

export type CallerManner =
  | 'never-acknowledges'
  | 'vanishes-talking'
  | 'acknowledges-late'
  | 'cancels-late'

interface Call {
  readonly manner: CallerManner
  readonly invite: { readonly uri: string; readonly mark: string }
  answers: number
  isOver: boolean
}

const HOST = '127.0.0.1'
/** This copy of the 200 OK gets the first ACK. */
const LATE_ANSWER = 3

export class Caller {
  readonly #socket: Socket
  readonly #server: { readonly host: string; readonly port: number }
  readonly #calls = new Map<string, Call>()
  readonly wrongs: string[] = []
  #placed = 0

  private constructor(socket: Socket, server: { host: string; port: number }) {
    this.#socket = socket
    this.#server = server
    socket.on('message', (bytes) => this.#receive(bytes))
  }

  static async open(server: { host: string; port: number }): Promise<Caller> {
    const socket = createSocket('udp4')
    socket.bind(0, HOST)
    await once(socket, 'listening')
    return new Caller(socket, server)
  }

  async close(): Promise<void> {
    this.#socket.close()
    await once(this.#socket, 'close')
  }

  place(to: string, manner: CallerManner): void {
    const mark = `caller${this.#socket.address().port}-${(this.#placed += 1)}`
    const uri = `sip:${to}@${this.#server.host}:${this.#server.port}`
    const invite = { uri, mark }
    this.#calls.set(`c${mark}@proof`, { manner, invite, answers: 0, isOver: false })
    this.#send(requestText({ ...this.#self, ...invite, method: 'INVITE', body: SDP }))
  }

  #receive(bytes: Buffer): void {
    const message = readMessage(bytes)
    if (message.kind === 'broken') this.wrongs.push(message.why)
    if (message.kind === 'broken' || message.kind === 'keep-alive') return
    const call = this.#calls.get(message.fields.callId)
    if (message.kind === 'request') {
      // Whoever vanished says nothing any more.
      if (call?.isOver !== true) this.#send(responseText(message, '200 OK'))
      return
    }
    if (call === undefined || message.fields.method !== 'INVITE') return
    if (message.status === 180 && call.manner === 'cancels-late')
      this.#send(requestText({ ...this.#self, ...call.invite, method: 'CANCEL' }))
    if (message.status >= 300) this.#acknowledgeRefusal(call, message)
    else if (message.status >= 200) this.#onAnswer(call, message)
  }

  #onAnswer(call: Call, answer: Response): void {
    call.answers += 1
    switch (call.manner) {
      case 'never-acknowledges':
        call.isOver = true
        return
      case 'vanishes-talking':
        call.isOver = true
        this.#within(answer, 'ACK', 1, `${call.invite.mark}a`)
        return
      case 'acknowledges-late':
        if (call.answers < LATE_ANSWER) return
        break
      case 'cancels-late':
        break
      default:
        call.manner satisfies never
    }
    this.#within(answer, 'ACK', 1, `${call.invite.mark}a`)
    this.#within(answer, 'BYE', 2, `${call.invite.mark}b`)
  }

  /** The ACK of a refusal belongs to the INVITE's own transaction (RFC 3261 §17.1.1.3). */
  #acknowledgeRefusal({ invite }: Call, { fields }: Response): void {
    this.#send(requestText({ ...this.#self, ...invite, method: 'ACK', to: fields.to }))
  }

  #within(answer: Response, method: string, seq: number, mark: string): void {
    this.#send(withinDialog(answer, { ...this.#self, method, seq, mark }))
  }

  get #self(): { readonly sender: string; readonly transport: 'UDP' } {
    return { sender: `${HOST}:${this.#socket.address().port}`, transport: 'UDP' }
  }

  #send(text: string): void {
    this.#socket.send(Buffer.from(text, 'latin1'), this.#server.port, this.#server.host)
  }
}
