// The cost guard's currency. An agent session costs money from its upgrade request on, so opening one takes evidence
// that the call's initial INVITE was answered with 200 OK. Evidence is sealed by the one mint (answer-mint.ts, which
// only main.ts may import) and checked again in the media worker, past the thread border where types mean nothing.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { CallId } from './ids.ts'
import type { EpochMs } from './units.ts'

/** What the mint is told: the call, and the dialog whose initial INVITE got its 200 OK. */
export interface AnsweredDialog {
  readonly callId: CallId
  /** `Call-ID;from-tag=…` of the trunk leg, or the stream id of an answered Twilio call. One agent session each. */
  readonly dialog: string
  /** CSeq number of the INVITE that was answered (1 where the transport has none). */
  readonly cseq: number
  readonly answeredAt: EpochMs
}

/** Proof of an answer. Structured-clone safe; the seal is worthless for any other dialog, call or time. */
export interface AnswerEvidence extends AnsweredDialog {
  readonly seal: string
}

/** Makes evidence. Handed by main.ts to gateway/sip, which calls it where the 200 OK is received or sent. */
export type MintAnswerEvidence = (answered: AnsweredDialog) => AnswerEvidence

/** HMAC-SHA256 over the four facts. Shared by the mint and the check, so neither can drift. */
export function sealAnswer(answered: AnsweredDialog, key: Uint8Array): string {
  const facts = JSON.stringify([
    answered.callId,
    answered.dialog,
    answered.cseq,
    answered.answeredAt,
  ])
  return createHmac('sha256', key).update(facts).digest('base64url')
}

/** True when this very process minted the evidence. Called by the media worker before every agent session. */
export function isGenuine(evidence: AnswerEvidence, key: Uint8Array): boolean {
  const expected = Buffer.from(sealAnswer(evidence, key))
  const given = Buffer.from(evidence.seal)
  return expected.length === given.length && timingSafeEqual(expected, given)
}
