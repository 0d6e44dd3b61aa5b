// What is done with accounts of Voximplant: added, tested, changed, removed. A key is tried before it is kept.
import type { Compilable } from 'kysely'
import { AppError } from '#core/errors'
import type { Clock } from '#core/time'
import type { AuditLog } from '../../access/audit-log.ts'
import type { Database } from '../../db/database.ts'
import type { Announcements } from '../../events/announcements.ts'
import type { Principal } from '../../http-server.ts'
import type { ApplicationStore } from '../applications/application-store.ts'
import type { VoximplantClients } from '../vendor/clients.ts'
import type {
  AccountInfo,
  VendorAccess,
  VendorAnswer,
  VoximplantRest,
} from '../vendor/vendor-answer.ts'
import { newAccountId, noAccount, type AccountRow, type AccountStore } from './account-store.ts'
import { decodeAccess, decodeCredential, type GivenCredential } from './credential.ts'
import type { LiveLists } from './live-lists.ts'
import { probePermissions, type Permissions } from './permissions.ts'

export interface AccountDeskDeps {
  readonly database: Pick<Database, 'write'>
  readonly audit: AuditLog
  readonly clock: Pick<Clock, 'now'>
  readonly announcements: Pick<Announcements, 'announce'>
  readonly accounts: AccountStore
  readonly applications: Pick<ApplicationStore, 'list'>
  readonly clients: VoximplantClients
}

export interface Tested {
  readonly info: AccountInfo
  readonly permissions: Permissions
}

export interface NewAccount extends GivenCredential {
  readonly account_name: string
  readonly account_id: string
}

export interface ChangedAccount extends GivenCredential {
  readonly account_name?: string | undefined
  readonly is_active?: boolean | undefined
}

interface ReadOptions<T> {
  readonly lists: LiveLists<T>
  /** Of an account's lists of a kind: which one. */
  readonly key?: string
  readonly ask: (rest: VoximplantRest) => Promise<VendorAnswer<T>>
}

/** For whoever only wants to know whether a key works. */
const TEST_TIMEOUT_MS = 20_000

export class AccountDesk {
  readonly #deps: AccountDeskDeps
  /** By their ids at the vendor: the same may not be added twice at a time. */
  readonly #adding = new Set<string>()

  constructor(deps: AccountDeskDeps) {
    this.#deps = deps
  }

  list(): Promise<readonly AccountRow[]> {
    return this.#deps.accounts.list()
  }

  /** @throws AppError `NOT_FOUND` */
  async find(accountId: string): Promise<AccountRow> {
    const row = await this.#deps.accounts.find(accountId)
    if (row === undefined) throw noAccount()
    return row
  }

  /** Stores nothing. @throws AppError `PROVIDER_REFUSED`, `VENDOR_FAILED`, `REQUEST_INVALID` */
  try(given: GivenCredential & { readonly account_id: string }): Promise<Tested> {
    return this.#test(decodeAccess(given.account_id, given))
  }

  /** @throws AppError the same; `STATE_CONFLICT` when the vendor's account is here already */
  async add(by: Principal, given: NewAccount): Promise<AccountRow> {
    const access = decodeAccess(given.account_id, given)
    const { vendorAccountId } = access
    const all = await this.list()
    const isKnown = all.some((row) => row.vendor_account_id === vendorAccountId)
    if (isKnown || this.#adding.has(vendorAccountId))
      throw new AppError('STATE_CONFLICT', 'This account of Voximplant is here already.')
    this.#adding.add(vendorAccountId)
    try {
      return await this.#add(by, given.account_name.trim(), access)
    } finally {
      this.#adding.delete(vendorAccountId)
    }
  }

  async #add(by: Principal, name: string, access: VendorAccess): Promise<AccountRow> {
    const { accounts, clock } = this.#deps
    const tested = await this.#test(access)
    const now = clock.now()
    const account_id = newAccountId()
    const row = {
      account_id,
      account_name: name,
      vendor_account_id: access.vendorAccountId,
      is_active: 1,
      ...this.#told(tested),
      created_by: by.keyId,
      created_at: now,
      updated_at: now,
    }
    await this.#write(by, 'account_added', account_id, accounts.added(row, access.credential))
    return this.find(account_id)
  }

  /** What was told is kept. @throws AppError as `try`; `STATE_CONFLICT` of one that is deactivated */
  async retest(accountId: string): Promise<Tested> {
    const { accounts, clients, database } = this.#deps
    const row = await this.find(accountId)
    const tested = await this.#ask(clients.of(row), row.vendor_account_id)
    await database.write([accounts.changed(accountId, this.#told(tested))])
    this.#announce(accountId)
    return tested
  }

  /** A new key is tried first. */
  async change(by: Principal, accountId: string, given: ChangedAccount): Promise<AccountRow> {
    const { accounts, clock } = this.#deps
    const row = await this.find(accountId)
    const { account_name: name, is_active: isActive } = given
    const vendorAccountId = row.vendor_account_id
    const credential = decodeCredential(vendorAccountId, given)
    const tested = credential && (await this.#test({ vendorAccountId, credential }))
    const change = {
      ...(name === undefined ? {} : { account_name: name.trim() }),
      ...(isActive === undefined ? {} : { is_active: isActive ? 1 : 0 }),
      ...(tested === undefined ? {} : this.#told(tested)),
      updated_at: clock.now(),
    }
    const changing = accounts.changed(accountId, change, credential)
    const detail = { fields: Object.keys(given) }
    await this.#write(by, 'account_changed', accountId, changing, detail)
    return this.find(accountId)
  }

  /** @throws AppError `STATE_CONFLICT` while it has applications */
  async remove(by: Principal, accountId: string): Promise<void> {
    const { accounts, applications } = this.#deps
    await this.find(accountId)
    const { length } = await applications.list(accountId)
    if (length > 0)
      throw new AppError(
        'STATE_CONFLICT',
        `This account has applications (${length}): remove them first.`,
      )
    await this.#write(by, 'account_removed', accountId, accounts.removed(accountId))
  }

  /** Asks it live. @throws AppError what the vendor says; `STATE_CONFLICT` of one that is deactivated */
  async read<T>(accountId: string, { lists, key = '', ask }: ReadOptions<T>): Promise<T> {
    const rest = this.#deps.clients.of(await this.find(accountId))
    return lists.read(rest, `${accountId} ${key}`, async () => valueOf(await ask(rest)))
  }

  #test(access: VendorAccess): Promise<Tested> {
    return this.#ask(this.#deps.clients.trying(access), access.vendorAccountId)
  }

  async #ask(rest: VoximplantRest, vendorAccountId: string): Promise<Tested> {
    const info = valueOf(await rest.accountInfo(AbortSignal.timeout(TEST_TIMEOUT_MS)))
    if (info.vendorAccountId !== vendorAccountId)
      throw new AppError('REQUEST_INVALID', 'account_id: the key is of another account.', {
        details: { field: 'account_id' },
      })
    return { info, permissions: await probePermissions(rest) }
  }

  #told({ info, permissions }: Tested) {
    return {
      vendor_name: info.name,
      balance: info.balance,
      currency: info.currency,
      permissions: JSON.stringify(permissions),
      tested_at: this.#deps.clock.now(),
    }
  }

  async #write(
    by: Principal,
    what: 'account_added' | 'account_changed' | 'account_removed',
    accountId: string,
    query: Compilable,
    detail: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    const { audit, database } = this.#deps
    await database.write([query, audit.noted(by, `voximplant.${what}`, accountId, detail)])
    this.#announce(accountId)
  }

  #announce(accountId: string): void {
    this.#deps.announcements.announce('voximplant.account_changed', { account_id: accountId })
  }
}

/** @throws AppError why there is none */
export function valueOf<T>(answer: VendorAnswer<T>): T {
  if (answer.kind === 'ok') return answer.value
  throw answer.error
}
