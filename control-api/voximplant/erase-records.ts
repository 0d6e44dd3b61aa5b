// What Voximplant keeps of a call, deleted there: its recordings, the one that is known and any other of the session. The
// session itself, its numbers and its log cannot be deleted by anybody but them.
import { codeOf } from '#core/errors'
import type { TelephonyCopies, TelephonyCopy } from '../privacy/telephony-copies.ts'
import type { VendorErasure } from '../privacy/vendor-copies.ts'
import type { AccountStore } from './accounts/account-store.ts'
import type { VoximplantClients } from './vendor/clients.ts'
import type { VendorAnswer, VoximplantRest } from './vendor/vendor-answer.ts'

export interface EraseRecordsDeps {
  readonly accounts: Pick<AccountStore, 'list'>
  readonly clients: Pick<VoximplantClients, 'of'>
}

export const createRecordErasure = (deps: EraseRecordsDeps): TelephonyCopies => ({
  async erase(copy, signal) {
    const rest = await openRest(deps, copy.vendorAccountId)
    if (typeof rest === 'string') return { kind: 'failed', why: rest }
    try {
      return await eraseRecords(rest, copy, signal)
    } catch (error) {
      signal.throwIfAborted()
      return { kind: 'failed', why: whyOf(codeOf(error)) }
    }
  },
})

/** In words: why there is none. */
async function openRest(
  { accounts, clients }: EraseRecordsDeps,
  vendorAccountId: string,
): Promise<VoximplantRest | string> {
  const all = await accounts.list()
  const account = all.find(({ vendor_account_id: id }) => id === vendorAccountId)
  if (!account) return 'its Voximplant account is not here any more'
  try {
    return clients.of(account)
  } catch (error) {
    return codeOf(error) === 'STATE_CONFLICT'
      ? 'its Voximplant account is deactivated'
      : 'the key of its Voximplant account cannot be opened'
  }
}

async function eraseRecords(
  rest: VoximplantRest,
  { sessionId, recordingUrl }: TelephonyCopy,
  signal: AbortSignal,
): Promise<VendorErasure> {
  const told =
    sessionId === null ? undefined : await rest.history({ sessionIds: [sessionId] }, signal)
  const records = told?.kind === 'ok' ? told.value.sessions.flatMap((one) => one.records) : []
  const shown = records.flatMap(({ url }) => url ?? [])
  // Of elsewhere, only the vendor can tell that it is its recording: a scenario tells whatever it is made to.
  const isKnown = recordingUrl !== null && rest.isOfVendor(recordingUrl)
  const urls = new Set([...(isKnown ? [recordingUrl] : []), ...shown])
  if (urls.size === 0)
    return told === undefined || told.kind === 'ok' ? { kind: 'unknown' } : failed(told)
  for (const url of urls) {
    const deleted = await rest.deleteRecord(url)
    if (deleted.kind !== 'ok') return failed(deleted)
  }
  return { kind: 'erased' }
}

/** Its own words may name what is asked for. */
const failed = (
  answer: Exclude<VendorAnswer<unknown>, { readonly kind: 'ok' }>,
): VendorErasure => ({
  kind: 'failed',
  why:
    answer.kind === 'refused' && answer.code !== null
      ? `Voximplant refused (code ${answer.code})`
      : whyOf(answer.error.code),
})

const whyOf = (code: string | undefined): string =>
  code === 'PROVIDER_REFUSED' ? 'Voximplant refused' : 'Voximplant gave no answer that helps'
