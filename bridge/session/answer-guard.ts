// The cost guard: no agent session without genuine evidence of an answer for this very call, and one a dialog. It
// stands twice: in the main thread, so that openAgent throws, and in each worker, which trusts no message.
import { isGenuine, type AnswerEvidence, type CallId } from '#core/contracts'
import { AppError } from '#core/errors'

/** Dialogs remembered; at a hundred calls a second the last three minutes, and a session opens one agent only anyway. */
const MAX_REMEMBERED = 16_384

export interface AnswerGuard {
  /** @throws AppError `EVIDENCE_INVALID` saying which of the three rules was broken. */
  admit(callId: CallId, evidence: AnswerEvidence): void
}

export function createAnswerGuard(key: Uint8Array, maxRemembered = MAX_REMEMBERED): AnswerGuard {
  const opened = new Set<string>()
  return {
    admit(callId, evidence) {
      if (evidence.callId !== callId) throw invalid(callId, 'evidence of another call')
      if (!isGenuine(evidence, key)) throw invalid(callId, 'evidence was not minted here')
      if (opened.has(evidence.dialog)) throw invalid(callId, 'this dialog had its agent session')
      opened.add(evidence.dialog)
      const oldest = opened.values().next()
      if (opened.size > maxRemembered && oldest.done !== true) opened.delete(oldest.value)
    },
  }
}

/** Of a session that was opened beside another: whoever answers there is no agent's customer. */
export const NO_AGENT: AnswerGuard = {
  admit(callId) {
    throw new AppError('INVALID_STATE', `a second leg has no agent of its own [callId:${callId}]`)
  },
}

const invalid = (callId: CallId, why: string): AppError =>
  new AppError('EVIDENCE_INVALID', `no agent session: ${why} [callId:${callId}]`)
