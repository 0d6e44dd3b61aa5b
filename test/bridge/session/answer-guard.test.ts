// The memory of the cost guard is bounded, and long enough.
import t from 'tap'
import { createAnswerGuard } from '../../../bridge/session/answer-guard.ts'
import { createAnswerMint } from '../../../core/contracts/answer-mint.ts'
import { epochMs, newCallId } from '../../../core/contracts/index.ts'

t.test('remembers dialogs up to its bound, the oldest go first', async (t) => {
  const { key, mint } = createAnswerMint()
  const guard = createAnswerGuard(key, 3)
  const callId = newCallId()
  const evidence = (dialog: string) => mint({ callId, dialog, cseq: 1, answeredAt: epochMs(1) })
  for (const dialog of ['a', 'b', 'c', 'd']) guard.admit(callId, evidence(dialog))
  for (const dialog of ['b', 'c', 'd'])
    t.throws(() => guard.admit(callId, evidence(dialog)), { code: 'EVIDENCE_INVALID' })
})

t.test('a refused forgery does not use up the dialog', async (t) => {
  const { key, mint } = createAnswerMint()
  const guard = createAnswerGuard(key)
  const callId = newCallId()
  const genuine = mint({ callId, dialog: 'a', cseq: 1, answeredAt: epochMs(1) })
  t.throws(() => guard.admit(callId, { ...genuine, seal: '' }), { code: 'EVIDENCE_INVALID' })
  t.throws(() => guard.admit(newCallId(), genuine), { code: 'EVIDENCE_INVALID' })
  t.doesNotThrow(() => guard.admit(callId, genuine))
})

t.test('evidence of another process is worthless', async (t) => {
  const guard = createAnswerGuard(createAnswerMint().key)
  const callId = newCallId()
  const foreign = createAnswerMint().mint({ callId, dialog: 'a', cseq: 1, answeredAt: epochMs(1) })
  t.throws(() => guard.admit(callId, foreign), { code: 'EVIDENCE_INVALID' })
})
