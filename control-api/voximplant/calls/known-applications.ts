// The applications that scenarios speak for, with what they sign with: opened once in a while, not with every message.
import type { Clock } from '#core/time'
import type { AccountRow, AccountStore } from '../accounts/account-store.ts'
import type { ApplicationRow, ApplicationStore } from '../applications/application-store.ts'

export interface KnownApplication {
  readonly row: ApplicationRow
  readonly account: AccountRow
  readonly signingKey: string
}

export interface KnownApplicationsDeps {
  readonly clock: Pick<Clock, 'now'>
  readonly accounts: Pick<AccountStore, 'find'>
  readonly applications: Pick<ApplicationStore, 'find' | 'secretsOf'>
}

/** A changed key is the right one soon enough. */
const GOOD_FOR_MS = 5000
/** Whoever asks for others than there are gets no memory of ours. */
const MOST = 1000
const ID = /^vap_[0-9a-f]{24}$/

export class KnownApplications {
  readonly #deps: KnownApplicationsDeps
  readonly #known = new Map<string, { readonly at: number; readonly found: Found }>()

  constructor(deps: KnownApplicationsDeps) {
    this.#deps = deps
  }

  /** As it is kept now. @throws AppError `SECRETS_KEY_MISSING`, `DATABASE_UNAVAILABLE` */
  async read(applicationId: string): Found {
    const { accounts, applications } = this.#deps
    const row = await applications.find(applicationId)
    const account = row && (await accounts.find(row.account_id))
    if (!row || !account) return undefined
    return { row, account, signingKey: applications.secretsOf(row).signingKey }
  }

  /** As it was within the last seconds. @throws the same */
  find(applicationId: string): Found {
    if (!ID.test(applicationId)) return Promise.resolve(undefined)
    const now = this.#deps.clock.now()
    const known = this.#known.get(applicationId)
    if (known && now - known.at < GOOD_FOR_MS) return known.found
    const found = this.read(applicationId)
    this.#known.delete(applicationId)
    this.#known.set(applicationId, { at: now, found })
    // Told to whoever asked.
    found.catch(() => this.#known.delete(applicationId))
    const oldest = this.#known.keys().next()
    if (this.#known.size > MOST && !oldest.done) this.#known.delete(oldest.value)
    return found
  }
}

type Found = Promise<KnownApplication | undefined>
