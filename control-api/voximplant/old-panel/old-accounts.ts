// The accounts and applications of the old panel: brought in with their keys sealed, or found to be here already. Of what
// is here nothing is changed.
import type { Compilable } from 'kysely'
import type { Database } from '../../db/database.ts'
import type { Vault } from '../../secrets/vault.ts'
import { createAccountStore, type AccountRow } from '../accounts/account-store.ts'
import {
  createApplicationStore,
  newSigningKey,
  type ApplicationRow,
} from '../applications/application-store.ts'
import { SCENARIO_OPTIONS } from '../applications/scenario-options.ts'
import type { OldRow } from './old-tables.ts'
import { digitsOf, idOf, isYes, millisecondsOf, numberOf, textOf } from './old-words.ts'

/** What a call needs to know of its application. */
export interface BroughtApplication {
  readonly applicationId: string
  readonly vendorAccountId: string
  readonly agentId: string
  readonly phoneNumber: string | null
  /** Of its account, as the vendor told it here; null: it has not. */
  readonly currency: string | null
}

export interface OldHouse {
  readonly accounts: readonly OldRow<'accounts'>[]
  readonly applications: readonly OldRow<'applications'>[]
}

export interface BroughtHouse {
  /** By their old ids. */
  readonly applications: ReadonlyMap<string, BroughtApplication>
  readonly accounts: { readonly found: number; readonly fresh: number }
  readonly freshApplications: number
  /** Without an id or a key of the vendor, so that nothing could be asked. */
  readonly unusableAccounts: number
  /** Of no account that could be brought. */
  readonly orphanApplications: number
  readonly withoutAgent: number
  /** To be written together. */
  readonly writes: readonly Compilable[]
}

export const IMPORTER = 'import'

/** @param target undefined: nothing of ours is known, and nothing is to be written */
export async function bringHouse(
  old: OldHouse,
  target: { readonly database: Database; readonly vault: Vault } | undefined,
  now: number,
): Promise<BroughtHouse> {
  const house = new House(
    target && {
      accounts: createAccountStore(target.database, target.vault),
      applications: createApplicationStore(target.database, target.vault),
    },
    now,
  )
  await house.open()
  for (const row of old.accounts) house.account(row)
  for (const row of old.applications) house.application(row)
  return house.brought(old.accounts.length)
}

interface Stores {
  readonly accounts: ReturnType<typeof createAccountStore>
  readonly applications: ReturnType<typeof createApplicationStore>
}

type KnownAccount = Pick<AccountRow, 'account_id' | 'vendor_account_id' | 'currency'>
type KnownApplication = Pick<
  ApplicationRow,
  | 'application_id'
  | 'account_id'
  | 'vendor_application_id'
  | 'rule_id'
  | 'elevenlabs_agent_id'
  | 'phone_number'
>

class House {
  readonly #stores: Stores | undefined
  readonly #now: number
  readonly #writes: Compilable[] = []
  /** By the vendor’s ids: two users of the panel may have added one account each. */
  readonly #accounts = new Map<string, KnownAccount>()
  readonly #accountsByOldId = new Map<string, KnownAccount>()
  readonly #applications: KnownApplication[] = []
  readonly #brought = new Map<string, BroughtApplication>()
  readonly #counts = { accounts: 0, applications: 0, unusable: 0, orphans: 0, withoutAgent: 0 }

  constructor(stores: Stores | undefined, now: number) {
    this.#stores = stores
    this.#now = now
  }

  async open(): Promise<void> {
    if (!this.#stores) return
    for (const row of await this.#stores.accounts.list())
      this.#accounts.set(row.vendor_account_id, row)
    this.#applications.push(...(await this.#stores.applications.list()))
  }

  account(row: OldRow<'accounts'>): void {
    const vendorId = digitsOf(row.vendorId)
    const apiKey = textOf(row.key)
    if (vendorId === null || apiKey === null) {
      this.#counts.unusable += 1
      return
    }
    const account = this.#accounts.get(vendorId) ?? this.#addAccount(row, { vendorId, apiKey })
    if (row.id !== null) this.#accountsByOldId.set(row.id, account)
  }

  #addAccount(
    row: OldRow<'accounts'>,
    { vendorId, apiKey }: { readonly vendorId: string; readonly apiKey: string },
  ): KnownAccount {
    const createdAt = millisecondsOf(row.createdAt) ?? this.#now
    const account: Omit<AccountRow, 'credential' | 'credential_kind'> = {
      account_id: `vac_${idOf('account', vendorId).slice(0, 24)}`,
      account_name: (textOf(row.name) ?? vendorId).slice(0, 100),
      vendor_account_id: vendorId,
      is_active: isYes(row.isActive) ? 1 : 0,
      vendor_name: null,
      balance: null,
      currency: null,
      permissions: null,
      tested_at: null,
      created_by: IMPORTER,
      created_at: createdAt,
      updated_at: this.#now,
    }
    const added = this.#stores?.accounts.added(account, { kind: 'api_key', apiKey })
    if (added) this.#writes.push(added)
    this.#counts.accounts += 1
    this.#accounts.set(vendorId, account)
    return account
  }

  application(row: OldRow<'applications'>): void {
    const account = row.account === null ? undefined : this.#accountsByOldId.get(row.account)
    if (!account || row.id === null) {
      this.#counts.orphans += 1
      return
    }
    const id = `vap_${idOf('application', account.vendor_account_id, row.id).slice(0, 24)}`
    const known =
      this.#applications.find(({ application_id: one }) => one === id) ??
      this.#sameRule(row, account) ??
      this.#addApplication(row, { id, account })
    this.#brought.set(row.id, {
      applicationId: known.application_id,
      vendorAccountId: account.vendor_account_id,
      agentId: known.elevenlabs_agent_id,
      phoneNumber: known.phone_number,
      currency: account.currency,
    })
  }

  /** A rule runs one scenario, so that whoever has linked it here has the application. */
  #sameRule(row: OldRow<'applications'>, account: KnownAccount): KnownApplication | undefined {
    const [vendorId, rule] = [digitsOf(row.vendorId), digitsOf(row.rule)]
    if (vendorId === null || rule === null) return undefined
    return this.#applications.find(
      (one) =>
        one.account_id === account.account_id &&
        one.vendor_application_id === vendorId &&
        one.rule_id === rule,
    )
  }

  /** Two of one application of the vendor cannot both be linked with it: the first one is. */
  #linkOf(row: OldRow<'applications'>, account: KnownAccount) {
    const vendorId = digitsOf(row.vendorId)
    const isTaken = this.#applications.some(
      (one) =>
        one.account_id === account.account_id &&
        vendorId !== null &&
        one.vendor_application_id === vendorId,
    )
    return isTaken
      ? { vendor_application_id: null, rule_id: null }
      : { vendor_application_id: vendorId, rule_id: digitsOf(row.rule) }
  }

  #addApplication(
    row: OldRow<'applications'>,
    { id, account }: { readonly id: string; readonly account: KnownAccount },
  ): KnownApplication {
    const agentId = textOf(row.agent)
    if (agentId === null) this.#counts.withoutAgent += 1
    const number = numberOf(row.number)
    const application: Omit<ApplicationRow, 'elevenlabs_api_key' | 'signing_key'> = {
      application_id: id,
      account_id: account.account_id,
      application_name: (textOf(row.name) ?? `application ${String(row.id)}`).slice(0, 100),
      ...this.#linkOf(row, account),
      vendor_application_name: null,
      rule_name: null,
      // The scenario that the panel made knows nothing of us: ours is pushed as a new one.
      scenario_id: null,
      phone_number: number?.startsWith('+') === true ? number : null,
      elevenlabs_agent_id: agentId ?? '',
      options: JSON.stringify(SCENARIO_OPTIONS),
      pushed_sha256: null,
      pushed_at: null,
      swept_until: null,
      created_by: IMPORTER,
      created_at: millisecondsOf(row.createdAt) ?? this.#now,
      updated_at: this.#now,
    }
    const added = this.#stores?.applications.added(application, {
      elevenlabsApiKey: textOf(row.agentKey),
      signingKey: newSigningKey(),
    })
    if (added) this.#writes.push(added)
    this.#counts.applications += 1
    this.#applications.push(application)
    return application
  }

  brought(found: number): BroughtHouse {
    return {
      applications: this.#brought,
      accounts: { found, fresh: this.#counts.accounts },
      freshApplications: this.#counts.applications,
      unusableAccounts: this.#counts.unusable,
      orphanApplications: this.#counts.orphans,
      withoutAgent: this.#counts.withoutAgent,
      writes: this.#writes,
    }
  }
}
