// What a scenario plays on: an application on one of the servers, and the far side of the wire.
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ServerUnderTest } from './server-under-test.ts'
import { headerOf, tagIn, uriIn, writeSipText, type SipText } from './sip-text.ts'
import { openWirePeer, PEER_TAG, type WirePeer, type WireProtocol } from './wire-peer.ts'

// oxlint-disable-next-line typescript/no-explicit-any -- drachtio-srf's own typings leave out most of what is compared here.
export type Any = any
const Srf: Any = createRequire(import.meta.url)('drachtio-srf')

/** Routes are asked for over the socket: a request sent right behind may overtake them. */
const ROUTES_SETTLE_MS = 40
/** What nobody asked for must have a moment to come. */
const AFTERMATH_MS = 60

export const SDP = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 4000 RTP/AVP 0',
  'a=sendrecv',
  '',
].join('\r\n')
export const SDP_2 = SDP.replace('o=- 1 1', 'o=- 1 2').replace('a=sendrecv', 'a=sendonly')

/** A scenario that waits for ever is a difference too. */
const SCENARIO_MS = 6_000
let stages = 0

export interface PeerRequest {
  readonly cseq?: number
  readonly uri?: string
  /** Of the To: within a dialog the server's. */
  readonly toTag?: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string
  /** Within a dialog that the server opened. */
  readonly dialog?: SipText
}

export class Stage {
  readonly srf: Any
  readonly peer: WirePeer
  readonly serverPort: number
  /** What the application saw. */
  readonly notes: string[] = []
  readonly #callId = `peer-call-${process.pid}-${(stages += 1)}`
  #branches = 0
  #lastBranch = ''

  constructor(srf: Any, peer: WirePeer, serverPort: number) {
    this.srf = srf
    this.peer = peer
    this.serverPort = serverPort
  }

  note(text: string): void {
    this.notes.push(text)
  }

  /** Host, port and transport of the peer, as they stand in a URI. */
  get peerHop(): string {
    return `${this.peer.hostPort}${this.peer.protocol === 'tcp' ? ';transport=tcp' : ''}`
  }

  /** The peer as the application dials it. */
  get target(): string {
    return `sip:callee@${this.peerHop}`
  }

  /** Handlers are in place once this resolves. */
  async handlers(register: (srf: Any) => void): Promise<void> {
    register(this.srf)
    await sleep(ROUTES_SETTLE_MS)
  }

  /** The peer sends a request; ACK for a 2xx too. */
  request(method: string, options: PeerRequest = {}): void {
    this.#lastBranch = `z9hG4bK-peer-${(this.#branches += 1)}`
    this.peer.send(this.#text(method, this.#lastBranch, options), { port: this.serverPort })
  }

  /** CANCEL and the ACK of a refusal belong to the transaction of the last request. */
  requestOfSameBranch(method: string, options: PeerRequest = {}): void {
    this.peer.send(this.#text(method, this.#lastBranch, options), { port: this.serverPort })
  }

  #text(method: string, branch: string, options: PeerRequest): string {
    const { protocol, hostPort, contact } = this.peer
    const { body = '', cseq = 1, dialog, headers = [] } = options
    const uri = options.uri ?? dialogTarget(dialog) ?? `sip:agent@127.0.0.1:${this.serverPort}`
    const from =
      dialog === undefined
        ? `<sip:peer@${hostPort}>;tag=${PEER_TAG}`
        : `${headerOf(dialog, 'To')};tag=${PEER_TAG}`
    const to =
      dialog === undefined
        ? `<sip:agent@127.0.0.1:${this.serverPort}>${options.toTag === undefined ? '' : `;tag=${options.toTag}`}`
        : headerOf(dialog, 'From')
    return writeSipText(
      `${method} ${uri} SIP/2.0`,
      [
        ['Via', `SIP/2.0/${protocol.toUpperCase()} ${hostPort};rport;branch=${branch}`],
        ['Max-Forwards', '70'],
        ['From', from],
        ['To', to],
        ['Call-ID', dialog === undefined ? this.#callId : headerOf(dialog, 'Call-ID')],
        ['CSeq', `${cseq} ${method}`],
        ...(/^(INVITE|SUBSCRIBE|UPDATE|REFER)$/.test(method)
          ? [['Contact', contact] as const]
          : []),
        ...headers,
        ...(body === '' || headers.some(([name]) => name === 'Content-Type')
          ? []
          : [['Content-Type', 'application/sdp'] as const]),
      ],
      body,
    )
  }
}

/** Where the server wants to be reached, by the request it sent. */
const dialogTarget = (dialog: SipText | undefined): string | undefined =>
  dialog === undefined ? undefined : uriIn(headerOf(dialog, 'Contact'))

export const toTagOf = (response: SipText): string => tagIn(headerOf(response, 'To'))
export const contactUriOf = (message: SipText): string => uriIn(headerOf(message, 'Contact'))

/** Plays a scenario; what the peer received and the application noted stays in the stage. */
export async function play(
  server: ServerUnderTest,
  protocol: WireProtocol,
  scenario: (stage: Stage) => Promise<void>,
): Promise<Stage> {
  const peer = await openWirePeer(protocol)
  const srf = await connectApp(server)
  const stage = new Stage(srf, peer, server.portOf(protocol))
  try {
    await withinTime(scenario(stage))
    await sleep(AFTERMATH_MS)
    return stage
  } finally {
    disconnect(srf)
    await peer.close()
  }
}

function disconnect(srf: Any): void {
  try {
    srf.disconnect()
  } catch {
    // The scenario has done so itself, or the server has.
  }
}

async function withinTime(playing: Promise<void>): Promise<void> {
  const clock = new AbortController()
  const late = sleep(SCENARIO_MS, undefined, { signal: clock.signal }).then(() => {
    throw new Error(`not over after ${SCENARIO_MS} ms`)
  })
  late.catch(() => undefined) // Aborted below.
  await Promise.race([playing, late]).finally(() => clock.abort())
}

async function connectApp({ admin }: ServerUnderTest): Promise<Any> {
  const srf = new Srf()
  srf.on('error', () => undefined) // The scenario ends the connection.
  const connected = new Promise<void>((resolve, reject) => {
    srf.once('connect', (error?: Error) => {
      if (error instanceof Error) reject(error)
      else resolve()
    })
  })
  srf.connect({ ...admin, reconnect: { maxAttempts: 1 } })
  await connected
  return srf
}
