// Takes back an INVITE of an earlier run that a drachtio-server still has under way: it outlives us, and cancels for
// whoever names its transaction. (The embedded server ends with us and has another way: embedded/drachtio/lost-invite.ts.)
import type { CallOffOutcome, InviteIdentity } from '#core/contracts'
import { AppError } from '#core/errors'
import type { Srf } from './drachtio-types.ts'

/**
 * It says BYE itself when a 200 OK crosses the CANCEL, and tells nobody; one that was answered before is hung up here.
 * @throws AppError `SIP_UNAVAILABLE`
 */
export async function callOff(srf: Srf, invite: InviteIdentity): Promise<CallOffOutcome> {
  const { serverTransaction } = invite
  if (serverTransaction !== undefined && (await cancel(srf, invite, serverTransaction)))
    return 'canceled'
  return hangUp(srf, invite)
}

/** False when it is too late: answered, refused, or no transaction of this server. */
function cancel(srf: Srf, { requestUri }: InviteIdentity, stackTxnId: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    srf.request(requestUri, { method: 'CANCEL', headers: {}, stackTxnId }, (error) => {
      if (error && error.code !== 'EDRACHTIO') reject(isGone(error))
      else resolve(!error)
    })
  })
}

/** By its Call-ID the server finds the dialog, and knows where it goes. */
function hangUp(srf: Srf, invite: InviteIdentity): Promise<CallOffOutcome> {
  const { requestUri, from, sipCallId, proxy, cseq } = invite
  const headers = {
    From: from,
    To: `<${requestUri}>`,
    'Call-ID': sipCallId,
    CSeq: `${cseq + 1} BYE`,
  }
  const route = proxy === null ? {} : { proxy }
  return new Promise((resolve, reject) => {
    srf.request(requestUri, { method: 'BYE', headers, ...route }, (error, sent) => {
      if (error?.code === 'EDRACHTIO' || error?.code === 'ENODIALOG') resolve('gone')
      else if (error || !sent) reject(isGone(error))
      else
        sent.on('response', ({ status }) => {
          if (status >= 200) resolve(outcomeOf(status))
        })
    })
  })
}

/** 408 and 503 are the server's own when nobody answers. */
function outcomeOf(status: number): CallOffOutcome {
  if (status < 300) return 'hung-up'
  return status === 408 || status === 503 ? 'silent' : 'gone'
}

const isGone = (cause: unknown): AppError =>
  new AppError('SIP_UNAVAILABLE', 'the SIP server is gone', { cause })
