// One call of a kill: begun, watched by what the carrier and the agent saw of it, and found again in the records.
import { randomUUID } from 'node:crypto'
import type { CarrierCallRecord } from '../../simulators/carrier/index.ts'
import type { AgentSessionRecord } from '../../simulators/elevenlabs/index.ts'
import type { Point, Seen } from './points.ts'
import { OWN_AGENT, within, type World } from './world.ts'

/** What a dial request was answered; `broken`: nothing, the process was gone. */
export type Dialled =
  | { readonly kind: 'taken'; readonly callId: string }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'broken' }

const REACHED_WITHIN_MS = 15_000
let numbers = 0

export class LiveCall {
  readonly point: Point
  /** Nobody else's: who is called, or who calls. */
  readonly number: string
  readonly #world: World
  readonly #agentId: string
  readonly #key = randomUUID()
  dialled: Promise<Dialled> | undefined

  constructor(world: World, point: Point) {
    this.#world = world
    this.point = point
    numbers += 1
    this.number = `+4930${String(1_000_000 + numbers)}`
    this.#agentId = `agent_of_${numbers}`
  }

  /** Resolves when the call is under way: not taken, not answered. */
  async begin(): Promise<void> {
    const { carrier, agent, callIn } = this.#world
    const { direction, phone, agent: script } = this.point
    if (direction === 'inbound') {
      await carrier.call({ to: callIn, from: this.number, script: phone })
      return
    }
    carrier.script(this.number, phone)
    agent.script(this.#agentId, script ?? {})
    this.dialled = this.dial()
  }

  /** The same request each time: an Idempotency-Key makes it one call. */
  async dial(): Promise<Dialled> {
    try {
      const response = await this.#world.view.request('/api/calls/start', {
        method: 'POST',
        headers: { 'Idempotency-Key': this.#key },
        body: JSON.stringify({ phone_number: this.number, agent_id: this.#agentId }),
      })
      const body = (await response.json()) as { readonly call_id?: string }
      return response.status === 202 && body.call_id !== undefined
        ? { kind: 'taken', callId: body.call_id }
        : { kind: 'refused', status: response.status }
    } catch {
      return { kind: 'broken' } // The process went away under it: that is what is being tried.
    }
  }

  get phones(): readonly CarrierCallRecord[] {
    return this.#world.phonesOf(this.number)
  }

  /** A call in shares its agent with others: it is known by who called. */
  get sessions(): readonly AgentSessionRecord[] {
    if (this.point.direction === 'outbound') return this.#world.sessionsOf(this.#agentId)
    return this.#world.sessionsOf(OWN_AGENT).filter(({ initiation }) => {
      const variables = initiation?.['dynamic_variables'] as Record<string, unknown> | undefined
      return variables?.['caller_number'] === this.number
    })
  }

  get seen(): Seen {
    return { phone: this.phones.at(-1), agent: this.sessions.at(-1) }
  }

  /** False when the call never came there. */
  async reached(): Promise<boolean> {
    const { isReached } = this.point
    return isReached === null || within(REACHED_WITHIN_MS, () => isReached(this.seen))
  }

  /** Whether it still is a call, as the phone sees it. */
  get isUp(): boolean {
    const { phone } = this.seen
    return phone !== undefined && phone.endedAt === null
  }

  toString(): string {
    return `${this.point.direction} ${this.point.name}`
  }
}
