// A carrier made of one socket, cheap enough for a hundred calls a second: it is called and calls in, with the manners
// of the number in question. What it says is said again until it is answered, as over any line that may lose a message.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { readMessage, type Request, type Response } from './read-message.ts'
import { fromCallee, requestText, responseText, withinDialog } from './write-message.ts'

/** What a number does when it is called. */
export type CalleeManner =
  | { readonly does: 'answers'; readonly talkMs: number | 'ever' }
  | { readonly does: 'refuses'; readonly status: string }
  | { readonly does: 'rings' }
  /** Answers, and says nothing ever after. */
  | { readonly does: 'vanishes' }

/** What a caller does. */
export type CallerManner =
  | { readonly does: 'talks'; readonly talkMs: number | 'ever' }
  /** As soon as anything is said about its INVITE. */
  | { readonly does: 'cancels' }
  /** Its ACK never comes, nor anything else. */
  | { readonly does: 'never-acknowledges' }

export interface Leg {
  readonly number: string
  readonly role: 'callee' | 'caller'
  /** Where the product wants audio; 0 before it is known. */
  readonly remoteRtpPort: number
}

export interface CarrierOptions {
  readonly mannerOf: (number: string) => CalleeManner
  /** Ours for this call. */
  readonly rtpPortOf: (number: string) => number
  /** A 200 OK was acknowledged. */
  readonly onTalking: (leg: Leg) => void
  /** Once a call, however it ended; `refused` with what an INVITE of ours got. */
  readonly onOver: (leg: Leg, refused?: Response) => void
}

interface OwnLeg extends Leg {
  remoteRtpPort: number
  readonly invite: { readonly uri: string; readonly mark: string } | Request
  readonly manner: CalleeManner | CallerManner
  state: 'begun' | 'answered' | 'talking' | 'leaving' | 'gone'
  /** The 200 OK that made a caller's dialog. */
  answer: Response | undefined
  /** Said last: what an INVITE that comes again gets. */
  said: string
  again: NodeJS.Timeout | undefined
  next: NodeJS.Timeout | undefined
}

const HOST = '127.0.0.1'
const TAG = 'callee'
const RING_MS = 30
const AGAIN_MS = 500
/** A request or 200 OK that nobody takes is given up after 64·T1. */
const AGAIN_TIMES = 64
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024
const MAX_WRONGS = 20

export class Carrier {
  readonly #socket: Socket
  readonly #options: CarrierOptions
  readonly #legs = new Map<string, OwnLeg>()
  readonly #byNumber = new Map<string, OwnLeg>()
  /** Call-IDs of those that say nothing any more. */
  readonly #vanished = new Set<string>()
  /** What the product said that it must not say. */
  readonly wrongs: string[] = []
  #server = { host: HOST, port: 0 }
  #sent = 0

  private constructor(socket: Socket, options: CarrierOptions) {
    this.#socket = socket
    this.#options = options
    socket.on('message', (bytes, { address, port }) => this.#receive(bytes, { address, port }))
  }

  static async open(options: CarrierOptions): Promise<Carrier> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES })
    socket.bind(0, HOST)
    await once(socket, 'listening')
    return new Carrier(socket, options)
  }

  get hostPort(): string {
    return `${HOST}:${this.#socket.address().port}`
  }

  /** Where calls in go. */
  callsGoTo(server: { readonly host: string; readonly port: number }): void {
    this.#server = server
  }

  callIn(number: string, manner: CallerManner): void {
    const mark = `in${(this.#sent += 1)}p${this.#socket.address().port}`
    const uri = `sip:${number}@${this.#server.host}:${this.#server.port}`
    const leg = this.#begin(`c${mark}@proof`, number, { uri, mark }, 'caller', manner)
    const body = sdpOf(this.#options.rtpPortOf(number))
    this.#insist(leg, requestText({ ...this.#self, uri, mark, method: 'INVITE', body }))
  }

  /** BYE from this side. */
  hangUp(number: string): void {
    const leg = this.#byNumber.get(number)
    if (leg) this.#sayBye(leg)
  }

  async close(): Promise<void> {
    for (const { again, next } of this.#legs.values()) {
      clearTimeout(again)
      clearTimeout(next)
    }
    this.#socket.close()
    await once(this.#socket, 'close')
  }

  #begin(
    callId: string,
    number: string,
    invite: OwnLeg['invite'],
    role: Leg['role'],
    manner: OwnLeg['manner'],
  ): OwnLeg {
    const quiet = { answer: undefined, said: '', again: undefined, next: undefined }
    const leg: OwnLeg = { number, role, invite, manner, state: 'begun', remoteRtpPort: 0, ...quiet }
    this.#legs.set(callId, leg)
    this.#byNumber.set(number, leg)
    return leg
  }

  #receive(bytes: Buffer, from: Source): void {
    const message = readMessage(bytes)
    if (message.kind === 'keep-alive') return
    if (message.kind === 'broken') {
      if (this.wrongs.length < MAX_WRONGS) this.wrongs.push(message.why)
      return
    }
    const leg = this.#legs.get(message.fields.callId)
    if (message.kind === 'request') this.#onRequest(leg, message, from)
    else if (message.fields.method === 'INVITE') this.#onInviteResponse(leg, message)
    else if (message.fields.method === 'BYE' && leg) this.#over(leg, message.fields.callId)
  }

  #onRequest(leg: OwnLeg | undefined, request: Request, from: Source): void {
    switch (request.method) {
      case 'INVITE':
        if (leg) this.#send(leg.said, from)
        else this.#takeCall(request, from)
        return
      case 'ACK':
        if (leg) this.#onAck(leg, request)
        return
      case 'CANCEL':
        this.#send(responseText(request, '200 OK'), from)
        if (leg?.state === 'begun') this.#refuse(leg, '487 Request Terminated', from)
        return
      case 'BYE':
        if (leg) this.#over(leg, request.fields.callId)
        if (!this.#vanished.has(request.fields.callId))
          this.#send(responseText(request, '200 OK'), from)
        return
      default:
        if (this.wrongs.length < MAX_WRONGS) this.wrongs.push(`${request.method} was sent`)
    }
  }

  #takeCall(invite: Request, from: Source): void {
    const number = /sip:([^@]*)@/.exec(invite.uri)?.[1] ?? ''
    const manner = this.#options.mannerOf(number)
    const leg = this.#begin(invite.fields.callId, number, invite, 'callee', manner)
    leg.remoteRtpPort = rtpPortIn(invite.fields.body)
    if (manner.does === 'refuses') {
      this.#refuse(leg, manner.status, from)
      return
    }
    this.#respond(leg, invite, '180 Ringing', from)
    if (manner.does === 'rings') return
    leg.next = setTimeout(() => {
      leg.state = 'answered'
      this.#respond(leg, invite, '200 OK', from)
      this.#insist(leg, leg.said, from)
    }, RING_MS)
  }

  #refuse(leg: OwnLeg, status: string, from: Source): void {
    clearTimeout(leg.next)
    if (!('fields' in leg.invite)) return
    leg.state = 'leaving'
    this.#respond(leg, leg.invite, status, from)
  }

  #respond(leg: OwnLeg, invite: Request, status: string, from: Source): void {
    leg.said = responseText(invite, status, {
      tag: TAG,
      headers: [`Contact: <sip:callee@${this.hostPort}>`],
      body: status.startsWith('200') ? sdpOf(this.#options.rtpPortOf(leg.number)) : '',
    })
    this.#send(leg.said, from)
  }

  #onAck(leg: OwnLeg, { fields }: Request): void {
    if (leg.state === 'leaving' && leg.answer === undefined && !leg.said.startsWith('SIP/2.0 200'))
      this.#over(leg, fields.callId)
    if (leg.state === 'answered') this.#talk(leg)
  }

  #onInviteResponse(leg: OwnLeg | undefined, response: Response): void {
    const { status } = response
    if (this.#vanished.has(response.fields.callId)) return
    if (leg?.manner.does === 'never-acknowledges') {
      this.#stopInsisting(leg)
      if (status >= 200) this.#over(leg, response.fields.callId)
      return
    }
    if (status >= 200 && status < 300) this.#onAnswer(leg, response)
    else if (leg?.state === 'begun') this.#onNoAnswer(leg, response)
  }

  /** Whoever sends a 200 OK again has not seen our ACK, whatever became of the call. */
  #onAnswer(leg: OwnLeg | undefined, answer: Response): void {
    const mark = `ack${(this.#sent += 1)}`
    this.#send(withinDialog(answer, { ...this.#self, method: 'ACK', seq: 1, mark }))
    if (leg?.state !== 'begun') return
    leg.answer = answer
    leg.remoteRtpPort = rtpPortIn(answer.fields.body)
    this.#talk(leg)
    if (leg.manner.does === 'cancels') this.#sayBye(leg)
  }

  #onNoAnswer(leg: OwnLeg, response: Response): void {
    if ('fields' in leg.invite) return
    this.#stopInsisting(leg)
    const request = { ...this.#self, ...leg.invite }
    if (response.status < 200) {
      if (leg.manner.does !== 'cancels' || leg.said !== '') return
      leg.said = requestText({ ...request, method: 'CANCEL' })
      this.#insist(leg, leg.said)
      return
    }
    // The ACK of a refusal belongs to the INVITE's own transaction (RFC 3261 §17.1.1.3).
    this.#send(requestText({ ...request, method: 'ACK', to: response.fields.to }))
    this.#over(leg, response.fields.callId, response)
  }

  #talk(leg: OwnLeg): void {
    this.#stopInsisting(leg)
    leg.state = 'talking'
    this.#options.onTalking(leg)
    const { manner } = leg
    if (!('talkMs' in manner) || manner.talkMs === 'ever') return
    leg.next = setTimeout(() => this.#sayBye(leg), manner.talkMs)
  }

  #sayBye(leg: OwnLeg): void {
    if (leg.state !== 'talking') return
    leg.state = 'leaving'
    clearTimeout(leg.next)
    const parts = { ...this.#self, method: 'BYE', seq: 2, mark: `bye${(this.#sent += 1)}` }
    if ('fields' in leg.invite) this.#insist(leg, fromCallee(leg.invite, TAG, parts))
    else if (leg.answer) this.#insist(leg, withinDialog(leg.answer, parts))
  }

  #over(leg: OwnLeg, callId: string, refused?: Response): void {
    if (leg.state === 'gone') return
    leg.state = 'gone'
    const { does } = leg.manner
    if (does === 'vanishes' || does === 'never-acknowledges') this.#vanished.add(callId)
    clearTimeout(leg.next)
    this.#stopInsisting(leg)
    this.#legs.delete(callId)
    this.#byNumber.delete(leg.number)
    this.#options.onOver(leg, refused)
  }

  #insist(leg: OwnLeg, text: string, to?: Source, times = AGAIN_TIMES): void {
    // An answer was sent a moment ago.
    if (to === undefined || times < AGAIN_TIMES) this.#send(text, to)
    clearTimeout(leg.again)
    if (times > 0) leg.again = setTimeout(() => this.#insist(leg, text, to, times - 1), AGAIN_MS)
  }

  #stopInsisting(leg: OwnLeg): void {
    clearTimeout(leg.again)
  }

  get #self(): { readonly sender: string; readonly transport: 'UDP' } {
    return { sender: this.hostPort, transport: 'UDP' }
  }

  #send(text: string, to: Source = { address: this.#server.host, port: this.#server.port }): void {
    this.#socket.send(Buffer.from(text, 'latin1'), to.port, to.address)
  }
}

interface Source {
  readonly address: string
  readonly port: number
}

const sdpOf = (port: number): string =>
  [
    ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'],
    ...[`m=audio ${port} RTP/AVP 0`, 'a=rtpmap:0 PCMU/8000', 'a=ptime:20', 'a=sendrecv', ''],
  ].join('\r\n')

const rtpPortIn = (sdp: string): number => Number(/^m=audio (\d+)/m.exec(sdp)?.[1] ?? 0)
