// A FreeSWITCH made of what a real one said (test/fixtures/freeswitch/session.json, by freeswitch-record.ts): its event
// socket answers each command as it did then, dials back for each leg, and its SIP side takes any offer. And it fails on
// demand, as the real one does.
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { randomUUID } from 'node:crypto'
import type { Test } from 'tap'

interface Recorded {
  readonly us: readonly string[]
  readonly freeswitch: readonly { readonly head: string; readonly body: string }[]
}

const RECORD = JSON.parse(
  readFileSync(new URL('../fixtures/freeswitch/session.json', import.meta.url), 'utf8'),
) as readonly Recorded[]

export interface ReplayFaults {
  /** Connections are taken, and nothing is said. */
  readonly isMute?: boolean
  /** As without freeswitch/autoload_configs/sofia.conf.xml. */
  readonly lacksProfile?: boolean
  /** Commands that begin so are never answered. */
  readonly ignores?: string
  /** At a command that begins so it dies. */
  readonly diesAt?: string
  /** INVITEs are refused with this. */
  readonly refusesWith?: number
}

export interface ReplayedFreeSwitch {
  readonly host: string
  readonly port: number
  readonly secret: string
  /** Commands in the order in which they came, without the arguments that change. */
  readonly commands: readonly string[]
  /** Legs that are up. */
  readonly legs: number
  faults: ReplayFaults
  /** All its connections break; it can be reached again at once. */
  die(): void
}

const HOST = '127.0.0.1'
const SECRET = 'a-secret-of-the-replay'

/** `api uuid_bridge 1f… 2e…` is answered as any other `api uuid_bridge`. */
const nameOf = (command: string): string => /^(?:api )?\S+/.exec(command)?.[0] ?? ''

/** Each command's answer: replies come in the order of the commands, events in between. */
function answersIn({ us, freeswitch }: Recorded): Map<string, { head: string; body: string }> {
  const replies = freeswitch.filter(({ head }) => /command\/reply|api\/response/.test(head))
  return new Map(us.flatMap((command, at) => (replies[at] ? [[nameOf(command), replies[at]]] : [])))
}

const [OURS, ITS_OWN] = RECORD.map(answersIn)

export async function replayFreeSwitch(
  t: Test,
  faults: ReplayFaults = {},
): Promise<ReplayedFreeSwitch> {
  const server = createServer().listen(0, HOST)
  await once(server, 'listening')
  const sip = createSocket('udp4').bind(0, HOST)
  await once(sip, 'listening')
  const replay = new Replay(server, sip, faults)
  t.teardown(() => replay.close())
  return replay
}

interface Leg {
  readonly uuid: string
  readonly invite: string
  readonly peer: RemoteInfo
  readonly tag: string
}

class Replay implements ReplayedFreeSwitch {
  readonly host = HOST
  readonly secret = SECRET
  readonly commands: string[] = []
  faults: ReplayFaults
  readonly #server: Server
  readonly #sip: UdpSocket
  readonly #sockets = new Set<Socket>()
  readonly #legs = new Map<string, Leg>()

  constructor(server: Server, sip: UdpSocket, faults: ReplayFaults) {
    this.#server = server
    this.#sip = sip
    this.faults = faults
    server.on('connection', (socket) => {
      this.#keep(socket)
      if (this.faults.isMute === true) return
      socket.write('Content-Type: auth/request\n\n')
      this.#obey(socket, OURS)
    })
    sip.on('message', (bytes, peer) => this.#onSip(bytes.toString('utf8'), peer))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get legs(): number {
    return this.#legs.size
  }

  die(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#legs.clear()
  }

  close(): void {
    this.die()
    this.#server.close()
    this.#sip.close()
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => undefined) // Ours to break.
  }

  #obey(socket: Socket, answers: ReturnType<typeof answersIn> | undefined, leg?: Leg): void {
    let pending = ''
    socket.setEncoding('utf8').on('data', (text: string) => {
      pending += text
      const commands = pending.split('\n\n')
      pending = commands.pop() ?? ''
      for (const command of commands) this.#take(socket, command.trimStart(), answers, leg)
    })
  }

  #take(
    socket: Socket,
    command: string,
    answers: ReturnType<typeof answersIn> | undefined,
    leg?: Leg,
  ) {
    const { ignores, diesAt, lacksProfile = false } = this.faults
    const name = nameOf(command)
    this.commands.push(name)
    if (diesAt !== undefined && name.startsWith(diesAt)) this.die()
    if (socket.destroyed || (ignores !== undefined && name.startsWith(ignores))) return
    if (name === 'auth' && command !== `auth ${SECRET}`) {
      socket.write('Content-Type: command/reply\nReply-Text: -ERR invalid\n\n')
      return
    }
    const { head, body } = answers?.get(name) ?? {
      head: 'Content-Type: command/reply\nReply-Text: +OK',
      body: '',
    }
    const port = this.#sip.address().port
    const said = lacksProfile
      ? body.replace(/drachtio_mrf/g, 'internal')
      : body.replace(/mod_sofia@\S+/, `mod_sofia@${HOST}:${port}`)
    socket.write(written(leg ? asLeg(head, leg) : head, said))
    if (leg && name === 'sendmsg') this.#hangUp(socket, leg)
  }

  #onSip(message: string, peer: RemoteInfo): void {
    const [method] = message.split(' ')
    const callId = header(message, 'Call-ID')
    if (method === 'ACK' || method === 'SIP/2.0') return
    if (method === 'BYE') {
      this.#legs.delete(callId)
      this.#answer(message, peer, '200 OK', 'bye')
      return
    }
    const { refusesWith } = this.faults
    const before = this.#legs.get(callId)
    if (refusesWith !== undefined && !before) {
      this.#answer(message, peer, `${refusesWith} No`, 'no')
      return
    }
    // A leg of before it died: nobody answers.
    if (!before && header(message, 'To').includes(';tag=')) return
    // Another test’s packet: its port was given back a moment ago.
    if (!before && header(message, 'X-esl-outbound') === '') return
    const leg = before ?? { uuid: randomUUID(), invite: message, peer, tag: randomUUID() }
    this.#legs.set(callId, leg)
    this.#answer(message, peer, '200 OK', leg.tag, this.#sdp())
    if (!before) this.#dialBack(leg)
  }

  #dialBack(leg: Leg): void {
    const [host = HOST, port] = header(leg.invite, 'X-esl-outbound').split(':')
    const socket = connect(Number(port), host)
    this.#keep(socket)
    this.#obey(socket, ITS_OWN, leg)
  }

  #hangUp(socket: Socket, { invite, peer, tag }: Leg): void {
    const callId = header(invite, 'Call-ID')
    this.#legs.delete(callId)
    const uri = /<([^>]+)>/.exec(header(invite, 'Contact'))?.[1] ?? ''
    const lines = [
      `BYE ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP ${HOST}:${this.#sip.address().port};branch=z9hG4bK${randomUUID()}`,
      'Max-Forwards: 70',
      `From: ${header(invite, 'To')};tag=${tag}`,
      `To: ${header(invite, 'From')}`,
      `Call-ID: ${callId}`,
      'CSeq: 1 BYE',
      'Content-Length: 0',
    ]
    this.#sip.send(`${lines.join('\r\n')}\r\n\r\n`, peer.port, peer.address)
    setTimeout(() => socket.destroy(), 20)
  }

  #answer(request: string, peer: RemoteInfo, status: string, tag: string, body = ''): void {
    const to = header(request, 'To')
    const port = this.#sip.address().port
    const lines = [
      `SIP/2.0 ${status}`,
      ...(request.match(/^Via: .*$/gim) ?? []).map((line) => line.trim()),
      `From: ${header(request, 'From')}`,
      `To: ${to.includes(';tag=') ? to : `${to};tag=${tag}`}`,
      `Call-ID: ${header(request, 'Call-ID')}`,
      `CSeq: ${header(request, 'CSeq')}`,
      `Contact: <sip:mod_sofia@${HOST}:${port}>`,
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${body.length}`,
    ]
    this.#sip.send(`${lines.join('\r\n')}\r\n\r\n${body}`, peer.port, peer.address)
  }

  #sdp(): string {
    const lines = [
      'v=0',
      `o=FreeSWITCH 1 1 IN IP4 ${HOST}`,
      's=FreeSWITCH',
      `c=IN IP4 ${HOST}`,
      't=0 0',
    ]
    const audio = [
      'm=audio 9 RTP/AVP 0 101',
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:101 telephone-event/8000',
    ]
    return `${[...lines, ...audio].join('\r\n')}\r\n`
  }
}

const header = (message: string, name: string): string =>
  new RegExp(`^${name}: *(.*?)\\r?$`, 'im').exec(message)?.[1] ?? ''

/** As it was said, with the length it has now. */
const written = (head: string, body: string): string => {
  const length = body === '' ? '' : `\nContent-Length: ${Buffer.byteLength(body)}`
  return `${head.trimEnd()}${length}\n\n${body}`
}

/** The recorded leg's names become this one's. */
const asLeg = (head: string, { uuid, invite }: Leg): string =>
  head
    .replace(/^(Channel-Unique-ID|Unique-ID): .*$/gm, `$1: ${uuid}`)
    .replace(/drachtio-fsmrf%3A[0-9a-f-]+/, encodeURIComponent(header(invite, 'User-Agent')))
