// What an application of ours is linked with at the vendor: an application there, and a rule of it.
import { AppError } from '#core/errors'
import { valueOf } from '../accounts/account-desk.ts'
import type { AccountRow } from '../accounts/account-store.ts'
import type { VoximplantRest } from '../vendor/vendor-answer.ts'
import type { ApplicationRow, ApplicationStore } from './application-store.ts'

export interface AskedLink {
  readonly applicationId: string | null
  readonly ruleId: string | null
}

export interface VendorLink {
  readonly vendor_application_id: string | null
  readonly vendor_application_name: string | null
  readonly rule_id: string | null
  readonly rule_name: string | null
}

/** @throws AppError `REQUEST_INVALID` naming the field when there is no such thing at the vendor */
export async function readLink(
  rest: () => VoximplantRest,
  { applicationId, ruleId }: AskedLink,
): Promise<VendorLink> {
  if (applicationId === null) {
    if (ruleId !== null)
      throw invalid('rule_id', 'a rule is of an application: voximplant_application_id is needed')
    return { ...NO_LINK }
  }
  const client = rest()
  const applications = valueOf(await client.applications())
  const application = applications.find((each) => each.applicationId === applicationId)
  if (application === undefined)
    throw invalid('voximplant_application_id', 'the account has no such application')
  const rules = ruleId === null ? [] : valueOf(await client.rules(applicationId))
  const rule = rules.find((each) => each.ruleId === ruleId)
  if (ruleId !== null && rule === undefined)
    throw invalid('rule_id', 'the application has no such rule')
  return {
    vendor_application_id: applicationId,
    vendor_application_name: application.name,
    rule_id: ruleId,
    rule_name: rule?.name ?? null,
  }
}

interface WantedLink {
  readonly account: Pick<AccountRow, 'account_id'>
  /** Of the vendor. */
  readonly applicationId: string | null
  /** Absent: one that is new. */
  readonly row?: Pick<ApplicationRow, 'application_id'>
}

/**
 * The secrets and the history are of the vendor's application: two of ours would take them from each other.
 *
 * @throws AppError `STATE_CONFLICT` naming the one that is linked with it
 */
export async function requireFree(
  applications: Pick<ApplicationStore, 'list'>,
  { account, applicationId, row }: WantedLink,
): Promise<void> {
  if (applicationId === null) return
  const all = await applications.list(account.account_id)
  const other = all.find(
    (one) =>
      one.vendor_application_id === applicationId && one.application_id !== row?.application_id,
  )
  if (other === undefined) return
  const why = `${other.application_name} is linked with this application of Voximplant already`
  throw new AppError('STATE_CONFLICT', `voximplant_application_id: ${why}.`, {
    details: { field: 'voximplant_application_id' },
  })
}

/** Of a write that failed: another may have taken the link meanwhile, which the database alone can see. */
export async function rethrowTaken(
  error: unknown,
  requireIsFree: () => Promise<void>,
): Promise<never> {
  await requireIsFree()
  throw error
}

const NO_LINK: VendorLink = {
  vendor_application_id: null,
  vendor_application_name: null,
  rule_id: null,
  rule_name: null,
}

const invalid = (field: string, why: string): AppError =>
  new AppError('REQUEST_INVALID', `${field}: ${why}.`, { details: { field } })
