// Calls offered to a product that may refuse them, by the API and by INVITE, and what became of each.
import type { Program } from '../../bench/process/program.ts'
import { Carrier, type Leg } from '../party/carrier.ts'
import { RestClient, type RestAnswer } from '../party/rest-client.ts'
import type { ProductAddresses } from '../stage/product.ts'
import type { LineLoad } from './line-load.ts'
import { lineOf } from './numbers.ts'

export type Way = 'api' | 'invite'

export type OfferOutcome =
  | { readonly kind: 'admitted'; readonly number: string; readonly way: Way }
  | {
      readonly kind: 'refused'
      readonly way: Way
      readonly status: number
      readonly retryAfter: string
      /** Of the API's problem; empty of an INVITE. */
      readonly code: string
      readonly contentType: string
    }

const NO_ANSWER_MS = 20_000

export class Offers {
  readonly #carrier: Carrier
  readonly #waiting: Map<string, (outcome: OfferOutcome) => void>
  readonly #talking: Set<string>
  readonly #deaf: readonly string[]
  #rest: RestClient | undefined

  private constructor(parts: {
    readonly carrier: Carrier
    readonly waiting: Map<string, (outcome: OfferOutcome) => void>
    readonly talking: Set<string>
    readonly deaf: readonly string[]
  }) {
    this.#carrier = parts.carrier
    this.#waiting = parts.waiting
    this.#talking = parts.talking
    this.#deaf = parts.deaf
  }

  /** A carrier whose numbers answer and stay, each on its line. */
  static async open(load: Program<LineLoad>, ports: readonly number[]): Promise<Offers> {
    const waiting = new Map<string, (outcome: OfferOutcome) => void>()
    const talking = new Set<string>()
    const deaf: string[] = []
    // At the end the lines may be gone before the last call of theirs.
    const missed = (error: unknown): void => void deaf.push(`a line was not told: ${String(error)}`)
    const carrier = await Carrier.open({
      mannerOf: () => ({ does: 'answers', talkMs: 'ever' }),
      rtpPortOf: (number) => ports[lineOf(number)] ?? 0,
      onTalking: ({ number, remoteRtpPort, role }: Leg) => {
        talking.add(number)
        load.ask('connect', { line: lineOf(number), port: remoteRtpPort }).catch(missed)
        if (role === 'caller') waiting.get(number)?.({ kind: 'admitted', number, way: 'invite' })
      },
      onOver: ({ number }, refused) => {
        if (talking.delete(number)) load.ask('disconnect', { line: lineOf(number) }).catch(missed)
        if (refused === undefined) return
        const { fields, status } = refused
        const told = { status, retryAfter: fields.retryAfter, code: '', contentType: '' }
        waiting.get(number)?.({ kind: 'refused', way: 'invite', ...told })
      },
    })
    return new Offers({ carrier, waiting, talking, deaf })
  }

  get carrierDomain(): string {
    return this.#carrier.hostPort
  }

  callsGoTo({ http, sip }: ProductAddresses): void {
    this.#rest = new RestClient(http)
    this.#carrier.callsGoTo(sip)
  }

  get wrongs(): readonly string[] {
    return [...this.#carrier.wrongs, ...this.#deaf]
  }

  /** Calls whose audio flows. */
  get talking(): readonly string[] {
    return [...this.#talking]
  }

  async offer(way: Way, number: string): Promise<OfferOutcome> {
    if (way === 'api') return this.#dial(number)
    const told = Promise.withResolvers<OfferOutcome>()
    this.#waiting.set(number, told.resolve)
    const late = setTimeout(() => told.reject(new Error('an INVITE had no answer')), NO_ANSWER_MS)
    this.#carrier.callIn(number, { does: 'talks', talkMs: 'ever' })
    try {
      return await told.promise
    } finally {
      clearTimeout(late)
      this.#waiting.delete(number)
    }
  }

  /** BYE of the carrier's side. */
  hangUp(numbers: readonly string[]): void {
    for (const number of numbers) this.#carrier.hangUp(number)
  }

  async close(): Promise<void> {
    this.#rest?.disconnect()
    await this.#carrier.close()
  }

  async #dial(number: string): Promise<OfferOutcome> {
    if (!this.#rest) throw new Error('nobody is to be called yet')
    const answer = await this.#rest.post('/api/calls', { phone_number: number })
    return answer.status === 202
      ? { kind: 'admitted', number, way: 'api' }
      : { kind: 'refused', way: 'api', ...refusalIn(answer) }
  }
}

const refusalIn = ({ body, contentType, retryAfter, status }: RestAnswer) => ({
  ...{ status, contentType, retryAfter: retryAfter ?? '' },
  code: typeof body['code'] === 'string' ? body['code'] : '',
})
