// Everybody outside for a soak: carrier, telephones, agent, the API's user; and their own book of every call.
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, type AgentCall, type AgentHeard } from '../party/agent.ts'
import { Carrier, type Leg } from '../party/carrier.ts'
import { RestClient } from '../party/rest-client.ts'
import type { ProductAddresses } from '../stage/product.ts'
import { SharedLine } from './shared-line.ts'
import { kindOf, ringTimeoutOf, type CallKind } from './plan.ts'

/** What the outside saw of one call. */
export interface CallBook {
  sessions: number
  agentSeconds: number
  agentHeard: number
  callerHeard: number
}

/** Who is told of what the carrier and the agent see: they are there first. */
interface Parties {
  onOver?: (leg: Leg) => void
  onHeard?: (number: string) => void
  onBegun?: (call: AgentCall) => void
  onEnded?: (call: AgentCall, heard: AgentHeard) => void
}

const SPEECH_MS = 300
const MAX_WRONGS = 20
const NOBODY = { status: '404 Not Found', does: 'refuses' } as const

export class CallWorld {
  readonly #carrier: Carrier
  readonly #agent: Agent
  readonly #line: SharedLine
  readonly books = new Map<string, CallBook>()
  readonly #callIds = new Map<string, string>()
  readonly #wrongs: string[] = []
  #rest: RestClient | undefined
  #open = new Set<string>()

  private constructor(carrier: Carrier, agent: Agent, line: SharedLine) {
    this.#carrier = carrier
    this.#agent = agent
    this.#line = line
  }

  static async open(): Promise<CallWorld> {
    const line = await SharedLine.open()
    const parties: Parties = {}
    const carrier = await Carrier.open({
      mannerOf: (number) => {
        const way = kindOf(number)?.way
        return way?.direction === 'outbound' ? way.callee : NOBODY
      },
      rtpPortOf: () => line.port,
      onTalking: ({ number, remoteRtpPort }) =>
        line.lift(remoteRtpPort, () => parties.onHeard?.(number)),
      onOver: (leg) => parties.onOver?.(leg),
    })
    const agent = await Agent.listen({
      speechMs: SPEECH_MS,
      leavesAfterMs: (number) => kindOf(number)?.agentLeavesMs ?? 'never',
      onBegun: (call) => parties.onBegun?.(call),
      onEnded: (call, heard) => parties.onEnded?.(call, heard),
    })
    const world = new CallWorld(carrier, agent, line)
    parties.onOver = (leg) => world.#over(leg)
    parties.onHeard = (number) => world.#heard(number)
    parties.onBegun = (call) => world.#agentBegun(call)
    parties.onEnded = (call, heard) => world.#agentEnded(call, heard)
    return world
  }

  get carrierDomain(): string {
    return this.#carrier.hostPort
  }

  get agentUrl(): string {
    return this.#agent.url
  }

  /** Calls that somebody out here still knows of. */
  get underWay(): number {
    return this.#open.size
  }

  callsGoTo({ http, sip }: ProductAddresses): void {
    this.#rest = new RestClient(http)
    this.#carrier.callsGoTo(sip)
  }

  place(kind: CallKind, number: string): void {
    this.#open.add(number)
    this.books.set(number, { sessions: 0, agentSeconds: 0, agentHeard: 0, callerHeard: 0 })
    if (kind.way.direction === 'inbound') this.#carrier.callIn(number, kind.way.caller)
    else void this.#dial(kind, number).catch((error: unknown) => this.#wrong(String(error)))
  }

  disconnect(): void {
    this.#rest?.disconnect()
  }

  wrongs(): readonly string[] {
    return [...this.#wrongs, ...this.#carrier.wrongs]
  }

  /** Agent sessions that never said of which call they are. */
  get nameless(): number {
    return this.#agent.nameless
  }

  counts(): readonly string[] {
    const { packetsHeard, packetsSent } = this.#line
    return [
      `${this.#agent.total} agent sessions, ${this.#agent.mostOpen} at once; ${packetsSent} RTP packets to the product, ${packetsHeard} from it`,
    ]
  }

  async close(): Promise<void> {
    this.disconnect()
    await Promise.all([this.#carrier.close(), this.#agent.close(), this.#line.close()])
  }

  async #dial(kind: CallKind, number: string): Promise<void> {
    const { body, status } = await this.#post('/api/calls', {
      phone_number: number,
      ring_timeout_seconds: ringTimeoutOf(kind),
    })
    if (status !== 202) {
      this.#open.delete(number)
      this.#wrong(`a call was not taken: ${status} ${String(body['code'])}`)
      return
    }
    this.#callIds.set(number, String(body['call_id']))
    if (kind.apiCancelsMs === undefined) return
    await sleep(kind.apiCancelsMs)
    await this.#hangUpByApi(number)
  }

  async #hangUpByApi(number: string): Promise<void> {
    const { status } = await this.#post(`/api/calls/${this.#callIds.get(number) ?? ''}/hangup`)
    if (status >= 300) this.#wrong(`a call could not be hung up: ${status}`)
  }

  /** The talk begins when the agent is heard: on a busy machine later than at the answer. */
  #heard(number: string): void {
    const kind = kindOf(number)
    if (kind?.recorded !== true) this.#hangUpLater(number)
  }

  #hangUpLater(number: string): void {
    const { hangsUp } = kindOf(number) ?? {}
    if (hangsUp === undefined) return
    setTimeout(() => {
      if (hangsUp.by === 'phone') this.#carrier.hangUp(number)
      else this.#hangUpByApi(number).catch((error: unknown) => this.#wrong(String(error)))
    }, hangsUp.afterMs)
  }

  #over({ number, remoteRtpPort }: Leg): void {
    this.#open.delete(number)
    this.#callIds.delete(number)
    const book = this.books.get(number)
    const heard = this.#line.hangUp(remoteRtpPort)
    if (book) book.callerHeard += heard
    else this.#wrong('a number was called that was not to be')
  }

  #agentBegun({ callId, calledNumber }: AgentCall): void {
    const book = this.books.get(calledNumber)
    if (book) book.sessions += 1
    if (kindOf(calledNumber)?.recorded !== true) return
    void this.#post(`/api/calls/${callId}/recording/start`).then(
      ({ body, status }) => {
        if (status === 202) this.#hangUpLater(calledNumber)
        else this.#wrong(`a recording could not be started: ${status} ${String(body['detail'])}`)
      },
      (error: unknown) => this.#wrong(String(error)),
    )
  }

  #agentEnded({ calledNumber }: AgentCall, { pieces, seconds }: AgentHeard): void {
    const book = this.books.get(calledNumber)
    if (!book) return
    book.agentHeard += pieces
    book.agentSeconds += seconds
  }

  #post(path: string, body?: unknown) {
    if (!this.#rest) throw new Error('nobody is to be called yet')
    return this.#rest.post(path, body)
  }

  #wrong(text: string): void {
    if (this.#wrongs.length < MAX_WRONGS) this.#wrongs.push(text)
  }
}
