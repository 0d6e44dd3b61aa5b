// A carrier made of one socket: each number it is called at behaves in its own way, and some just vanish.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { readMessage, type Request } from '../party/read-message.ts'
import { fromCallee, responseText, SDP } from '../party/write-message.ts'

/** What a number does when it is called. */
export type CalleeManner =
  | 'hangs-up'
  | 'stays'
  | 'busy'
  | 'rings'
  | 'vanishes-ringing'
  | 'vanishes-answering'
  | 'loses-acks'
  | 'crosses-cancel'

interface Call {
  readonly invite: Request
  readonly manner: CalleeManner
  /** Repeated when the INVITE is. */
  last: string
  acks: number
  isCanceled: boolean
  timer: NodeJS.Timeout | undefined
}

const HOST = '127.0.0.1'
const RING_MS = 50
const TALK_MS = 200
const AGAIN_MS = 250
/** A 200 OK or BYE that nobody takes is given up. */
const AGAIN_TIMES = 20
/** ACKs that get lost before one arrives. */
const LOST_ACKS = 2

export class Callee {
  readonly #socket: Socket
  readonly #mannerOf: (number: string) => CalleeManner
  readonly #calls = new Map<string, Call>()
  /** What the gateway said that it must not say. */
  readonly wrongs: string[] = []
  #sent = 0

  private constructor(socket: Socket, mannerOf: (number: string) => CalleeManner) {
    this.#socket = socket
    this.#mannerOf = mannerOf
    socket.on('message', (bytes, { address, port }) => this.#receive(bytes, { address, port }))
  }

  static async open(mannerOf: (number: string) => CalleeManner): Promise<Callee> {
    const socket = createSocket('udp4')
    socket.bind(0, HOST)
    await once(socket, 'listening')
    return new Callee(socket, mannerOf)
  }

  get hostPort(): string {
    return `${HOST}:${this.#socket.address().port}`
  }

  async close(): Promise<void> {
    for (const { timer } of this.#calls.values()) clearTimeout(timer)
    this.#socket.close()
    await once(this.#socket, 'close')
  }

  #receive(bytes: Buffer, from: Source): void {
    const message = readMessage(bytes)
    if (message.kind === 'broken') this.wrongs.push(message.why)
    if (message.kind === 'broken' || message.kind === 'keep-alive') return
    const call = this.#calls.get(message.fields.callId)
    if (message.kind === 'response') {
      if (call && message.fields.method === 'BYE') this.#forget(call)
      return
    }
    switch (message.method) {
      case 'INVITE':
        if (call) this.#send(call.last, from)
        else this.#begin(message, from)
        return
      case 'ACK':
        if (call) this.#onAck(call, from)
        return
      case 'CANCEL':
        if (call) this.#onCancel(call, message, from)
        return
      case 'BYE':
        if (call?.manner.startsWith('vanishes') === true) return
        this.#send(responseText(message, call ? '200 OK' : '481 No Such Call'), from)
        if (call) this.#forget(call)
        return
      default:
        this.wrongs.push(`${message.method} is nothing that was to be sent`)
    }
  }

  #begin(invite: Request, from: Source): void {
    const manner = this.#mannerOf(/sip:([^@]*)@/.exec(invite.uri)?.[1] ?? '')
    const call: Call = { invite, manner, last: '', acks: 0, isCanceled: false, timer: undefined }
    this.#calls.set(invite.fields.callId, call)
    if (manner === 'busy') {
      this.#respond(call, '486 Busy Here', from)
      return
    }
    this.#respond(
      call,
      manner === 'vanishes-ringing' ? '183 Session Progress' : '180 Ringing',
      from,
    )
    if (manner === 'rings' || manner === 'vanishes-ringing' || manner === 'crosses-cancel') return
    this.#after(call, RING_MS, () => this.#answer(call, from, AGAIN_TIMES))
  }

  #answer(call: Call, from: Source, times: number): void {
    this.#respond(call, '200 OK', from)
    if (call.manner === 'vanishes-answering' || times === 0) return
    this.#after(call, AGAIN_MS, () => this.#answer(call, from, times - 1))
  }

  #onAck(call: Call, from: Source): void {
    if (call.last.startsWith('SIP/2.0 4')) {
      this.#forget(call)
      return
    }
    call.acks += 1
    if (call.manner === 'loses-acks' && call.acks <= LOST_ACKS) return
    if (call.manner === 'stays' || call.manner === 'crosses-cancel') clearTimeout(call.timer)
    if (call.manner !== 'hangs-up' && call.manner !== 'loses-acks') return
    const bye = fromCallee(call.invite, TAG, { ...this.#self(), method: 'BYE', seq: 1 })
    this.#after(call, TALK_MS, () => this.#sayBye(call, bye, from, AGAIN_TIMES))
  }

  #sayBye(call: Call, bye: string, from: Source, times: number): void {
    this.#send(bye, from)
    if (times > 0) this.#after(call, AGAIN_MS, () => this.#sayBye(call, bye, from, times - 1))
  }

  #onCancel(call: Call, cancel: Request, from: Source): void {
    if (call.manner.startsWith('vanishes')) return
    this.#send(responseText(cancel, '200 OK'), from)
    if (call.isCanceled) return
    call.isCanceled = true
    if (call.manner === 'crosses-cancel') this.#answer(call, from, AGAIN_TIMES)
    else this.#respond(call, '487 Request Terminated', from)
  }

  #respond(call: Call, status: string, from: Source): void {
    const hasSdp = /^(183|200)/.test(status)
    call.last = responseText(call.invite, status, {
      tag: TAG,
      headers: [`Contact: <sip:callee@${this.hostPort}>`],
      body: hasSdp ? SDP : '',
    })
    this.#send(call.last, from)
  }

  #self(): { readonly sender: string; readonly transport: 'UDP'; readonly mark: string } {
    return { sender: this.hostPort, transport: 'UDP', mark: `callee${(this.#sent += 1)}` }
  }

  #forget(call: Call): void {
    clearTimeout(call.timer)
    this.#calls.delete(call.invite.fields.callId)
  }

  #after(call: Call, delayMs: number, run: () => void): void {
    clearTimeout(call.timer)
    call.timer = setTimeout(run, delayMs)
  }

  #send(text: string, { address, port }: Source): void {
    this.#socket.send(Buffer.from(text, 'latin1'), port, address)
  }
}

interface Source {
  readonly address: string
  readonly port: number
}

const TAG = 'callee'
