// What each key may make ring: numbers, trunks, calls a second and a day. A call is counted, durably, before it is placed,
// and taken back when nothing was dialled; a crash in between leaves it counted.
import { sql } from 'kysely'
import { AppError } from '#core/errors'
import { TokenBucket, type Clock } from '#core/time'
import type { DialBudget } from '../access/dial-budget.ts'
import type { Database } from '../db/database.ts'

/** Whoever lets a phone ring. */
export interface Dialling {
  readonly keyId: string
  readonly budget?: DialBudget | undefined
}

export interface WantedDial {
  readonly to: string
  /** The one it names. */
  readonly trunk?: string | undefined
}

export interface Reservation {
  /** Nothing was dialled. */
  giveBack(): Promise<void>
}

interface Rate {
  readonly perSecond: number
  readonly bucket: TokenBucket
}

const DAY_MS = 24 * 3600 * 1000
/** Keys are made by hand; the one that dialled longest ago starts anew. */
const MAX_RATES = 10_000

export class DialBudgets {
  readonly #database: Database
  readonly #clock: Clock
  readonly #rates = new Map<string, Rate>()

  constructor(database: Database, clock: Clock) {
    this.#database = database
    this.#clock = clock
  }

  /** @throws AppError `DIAL_NOT_ALLOWED`, `DIAL_BUDGET_SPENT` */
  async reserve({ keyId, budget = {} }: Dialling, wanted: WantedDial): Promise<Reservation> {
    requireAllowed(budget, wanted)
    const { callsPerSecond, callsPerDay } = budget
    if (callsPerSecond !== undefined) this.#takeTurn(keyId, callsPerSecond)
    return callsPerDay === undefined ? UNCOUNTED : this.#count(keyId, callsPerDay)
  }

  #takeTurn(keyId: string, perSecond: number): void {
    const known = this.#rates.get(keyId)
    const rate =
      known?.perSecond === perSecond
        ? known
        : { perSecond, bucket: new TokenBucket(this.#clock, perSecond) }
    this.#rates.delete(keyId)
    this.#rates.set(keyId, rate)
    const oldest = this.#rates.keys().next()
    if (this.#rates.size > MAX_RATES && !oldest.done) this.#rates.delete(oldest.value)
    if (rate.bucket.take()) return
    throw spent('second', perSecond > 0 ? Math.ceil(1 / perSecond) : DAY_MS / 1000)
  }

  /** One more of this day, unless it is one too many: decided by the database, so that any number at once stay below. */
  async #count(keyId: string, limit: number): Promise<Reservation> {
    const { query } = this.#database
    const now = this.#clock.now()
    const day = new Date(now).toISOString().slice(0, 10)
    const ofDay = () =>
      query.updateTable('dial_usage').where('key_id', '=', keyId).where('day', '=', day)
    const [, , counted] = await this.#database.write([
      query.deleteFrom('dial_usage').where('key_id', '=', keyId).where('day', '<', day),
      query
        .insertInto('dial_usage')
        .values({ key_id: keyId, day, calls: 0 })
        .onConflict((conflict) => conflict.columns(['key_id', 'day']).doNothing()),
      ofDay()
        .set({ calls: sql`calls + 1` })
        .where('calls', '<', limit),
    ])
    if (counted?.changes !== 1) throw spent('day', Math.ceil((DAY_MS - (now % DAY_MS)) / 1000))
    return {
      giveBack: async () => {
        await this.#database.write([
          ofDay()
            .set({ calls: sql`calls - 1` })
            .where('calls', '>', 0),
        ])
      },
    }
  }
}

function requireAllowed({ prefixes, trunks }: DialBudget, { to, trunk }: WantedDial): void {
  if (prefixes?.some((prefix) => to.startsWith(prefix)) === false)
    throw new AppError('DIAL_NOT_ALLOWED', 'This key may not dial numbers that begin like this.')
  if (trunk !== undefined && trunks?.includes(trunk) === false)
    throw new AppError('DIAL_NOT_ALLOWED', 'This key may not dial by that trunk.')
}

const SPENT = {
  second: 'This key has placed as many calls as it may in a second.',
  day: 'This key has placed as many calls as it may in a day (of UTC).',
}

const spent = (limit: keyof typeof SPENT, retryAfterSeconds: number): AppError =>
  new AppError('DIAL_BUDGET_SPENT', SPENT[limit], {
    retryAfterSeconds,
    details: { limit: `calls a ${limit}` },
  })

const UNCOUNTED: Reservation = { giveBack: () => Promise.resolve() }
