// What is done with applications: linked with the vendor's, changed, removed.
import type { Compilable } from 'kysely'
import { decodePhoneNumber, whyNoPhoneNumber } from '#core/phone-numbers'
import { AppError } from '#core/errors'
import type { Clock } from '#core/time'
import type { AuditLog } from '../../access/audit-log.ts'
import type { Database } from '../../db/database.ts'
import type { Announcements } from '../../events/announcements.ts'
import type { Principal } from '../../http-server.ts'
import { noAccount, type AccountRow, type AccountStore } from '../accounts/account-store.ts'
import type { VoximplantClients } from '../vendor/clients.ts'
import type { VoximplantRest } from '../vendor/vendor-answer.ts'
import {
  newApplicationId,
  newSigningKey,
  noApplication,
  type ApplicationChange,
  type ApplicationRow,
  type ApplicationStore,
} from './application-store.ts'
import { requireKnownModel } from './scenario-of.ts'
import {
  decodeScenarioOptions,
  SCENARIO_OPTIONS,
  type ScenarioOptions,
} from './scenario-options.ts'
import { readLink, requireFree, rethrowTaken, type VendorLink } from './vendor-link.ts'

export interface ApplicationDeskDeps {
  readonly database: Pick<Database, 'query' | 'write'>
  readonly audit: AuditLog
  readonly clock: Pick<Clock, 'now'>
  readonly announcements: Pick<Announcements, 'announce'>
  readonly accounts: AccountStore
  readonly applications: ApplicationStore
  readonly clients: VoximplantClients
}

export interface ApplicationFields {
  readonly application_name?: string | undefined
  readonly voximplant_application_id?: string | null | undefined
  readonly rule_id?: string | null | undefined
  readonly elevenlabs_agent_id?: string | undefined
  /** Null: the key of this node. */
  readonly elevenlabs_api_key?: string | null | undefined
  readonly phone_number?: string | null | undefined
  readonly options?: Partial<ScenarioOptions> | undefined
}

export interface NewApplication extends ApplicationFields {
  /** Ours. */
  readonly account: string
  readonly application_name: string
  readonly elevenlabs_agent_id: string
}

export interface KnownApplication {
  readonly row: ApplicationRow
  readonly account: AccountRow
}

type Done = 'application_added' | 'application_changed' | 'application_removed' | 'scenario_pushed'

export class ApplicationDesk {
  readonly #deps: ApplicationDeskDeps

  constructor(deps: ApplicationDeskDeps) {
    this.#deps = deps
  }

  /** Oldest first. @param accountId of ours; absent: of all */
  async list(accountId?: string): Promise<readonly KnownApplication[]> {
    const { accounts, applications } = this.#deps
    const [rows, all] = await Promise.all([applications.list(accountId), accounts.list()])
    const byId = new Map(all.map((account) => [account.account_id, account]))
    return rows.flatMap((row) => {
      const account = byId.get(row.account_id)
      return account === undefined ? [] : [{ row, account }]
    })
  }

  /** @throws AppError `NOT_FOUND` */
  async find(applicationId: string): Promise<KnownApplication> {
    const { accounts, applications } = this.#deps
    const row = await applications.find(applicationId)
    if (row === undefined) throw noApplication()
    const account = await accounts.find(row.account_id)
    if (account === undefined) throw noAccount()
    return { row, account }
  }

  /**
   * @throws AppError `REQUEST_INVALID` naming the field; `STATE_CONFLICT` when another is linked with the same; what the
   * vendor says when it is asked for the link
   */
  async add(by: Principal, given: NewApplication): Promise<KnownApplication> {
    const { accounts, applications, clock } = this.#deps
    const account = await accounts.find(given.account)
    if (account === undefined) throw invalid('account', 'there is no such account')
    const applicationId = given.voximplant_application_id ?? null
    const asked = { applicationId, ruleId: given.rule_id ?? null }
    await requireFree(applications, { account, applicationId })
    const link = await readLink(this.#restOf(account), asked)
    const now = clock.now()
    const application_id = newApplicationId()
    const row = {
      application_id,
      account_id: account.account_id,
      ...link,
      scenario_id: null,
      application_name: given.application_name.trim(),
      elevenlabs_agent_id: given.elevenlabs_agent_id.trim(),
      phone_number: phoneNumberOf(given.phone_number ?? null),
      options: optionsOf(SCENARIO_OPTIONS, given.options),
      pushed_sha256: null,
      pushed_at: null,
      swept_until: null,
      created_by: by.keyId,
      created_at: now,
      updated_at: now,
    }
    const elevenlabsApiKey = given.elevenlabs_api_key?.trim() ?? null
    const adding = applications.added(row, { elevenlabsApiKey, signingKey: newSigningKey() })
    await this.write(by, 'application_added', application_id, [adding]).catch((error: unknown) =>
      rethrowTaken(error, () => requireFree(applications, { account, applicationId })),
    )
    return this.find(application_id)
  }

  /** @throws AppError as `add` */
  async change(
    by: Principal,
    applicationId: string,
    given: ApplicationFields,
  ): Promise<KnownApplication> {
    const { applications } = this.#deps
    const known = await this.find(applicationId)
    const change = {
      ...fieldsOf(known.row, given),
      ...(await this.#newLink(known, given)),
      updated_at: this.#deps.clock.now(),
    }
    const key = given.elevenlabs_api_key
    const changing =
      key === undefined
        ? applications.changed(applicationId, change)
        : // At the vendor is still the old one.
          applications.changed(
            applicationId,
            { ...change, pushed_sha256: null },
            { elevenlabsApiKey: key === null ? null : key.trim() },
          )
    const detail = { fields: Object.keys(given) }
    const movedTo = change.vendor_application_id ?? null
    await this.write(by, 'application_changed', applicationId, [changing], detail).catch(
      (error: unknown) =>
        rethrowTaken(error, () => requireFree(applications, { ...known, applicationId: movedTo })),
    )
    return this.find(applicationId)
  }

  /** Nothing changes at the vendor. @throws AppError `STATE_CONFLICT` while it has calls */
  async remove(by: Principal, applicationId: string): Promise<void> {
    const { applications, database } = this.#deps
    await this.find(applicationId)
    const live = await database.query
      .selectFrom('voximplant_calls')
      .select('call_id')
      .where('application_id', '=', applicationId)
      .where('ended_at', 'is', null)
      .executeTakeFirst()
    if (live !== undefined)
      throw new AppError('STATE_CONFLICT', 'This application has a call: wait until it is over.')
    await this.write(by, 'application_removed', applicationId, [
      applications.removed(applicationId),
      database.query.deleteFrom('voximplant_syncs').where('application_id', '=', applicationId),
    ])
  }

  /** With what is noted of it; whoever looks is told. */
  async write(
    by: Principal,
    what: Done,
    applicationId: string,
    queries: readonly Compilable[],
    detail: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    const { announcements, audit, database } = this.#deps
    const noted = audit.noted(by, `voximplant.${what}`, applicationId, detail)
    await database.write([...queries, noted])
    announcements.announce('voximplant.application_changed', { application_id: applicationId })
  }

  /** Another application or rule there has not been pushed to. */
  async #newLink(
    { row, account }: KnownApplication,
    given: ApplicationFields,
  ): Promise<Partial<VendorLink> & ApplicationChange> {
    const { voximplant_application_id: askedId, rule_id: askedRule } = given
    if (askedId === undefined && askedRule === undefined) return {}
    const applicationId = askedId === undefined ? row.vendor_application_id : askedId
    const isMoved = applicationId !== row.vendor_application_id
    const ruleId = askedRule === undefined ? (isMoved ? null : row.rule_id) : askedRule
    if (!isMoved && ruleId === row.rule_id) return {}
    await requireFree(this.#deps.applications, { account, row, applicationId })
    const link = await readLink(this.#restOf(account), { applicationId, ruleId })
    const notPushed = { pushed_sha256: null, pushed_at: null }
    return { ...link, ...notPushed, ...(isMoved ? { scenario_id: null, swept_until: null } : {}) }
  }

  #restOf(account: AccountRow): () => VoximplantRest {
    return () => this.#deps.clients.of(account)
  }
}

function fieldsOf(row: ApplicationRow, given: ApplicationFields): ApplicationChange {
  const { application_name: name, elevenlabs_agent_id: agentId, options } = given
  const { phone_number: number } = given
  return {
    ...(name === undefined ? {} : { application_name: name.trim() }),
    ...(agentId === undefined ? {} : { elevenlabs_agent_id: agentId.trim() }),
    ...(number === undefined ? {} : { phone_number: phoneNumberOf(number) }),
    ...(options === undefined
      ? {}
      : { options: optionsOf(decodeScenarioOptions(row.options), options) }),
  }
}

function phoneNumberOf(text: string | null): string | null {
  if (text === null || text.trim() === '') return null
  const number = decodePhoneNumber(text)
  if (number === undefined) throw invalid('phone_number', `it ${whyNoPhoneNumber(text)}`)
  return number
}

function optionsOf(before: ScenarioOptions, given: Partial<ScenarioOptions> = {}): string {
  const options = { ...before, ...given }
  requireKnownModel(options)
  return JSON.stringify(options)
}

const invalid = (field: string, why: string): AppError =>
  new AppError('REQUEST_INVALID', `${field}: ${why}.`, { details: { field } })
