import t from 'tap'
import { epochMs, isGenuine, newCallId } from '../../../core/contracts/index.ts'
import { createAnswerMint } from '../../../core/contracts/answer-mint.ts'

const answered = {
  callId: newCallId(),
  dialog: 'a@b;from-tag=1',
  cseq: 1,
  answeredAt: epochMs(1000),
}

t.test('only the mint makes evidence, and any change to it shows', async (t) => {
  const { mint, key } = createAnswerMint()
  const evidence = mint(answered)
  t.ok(isGenuine(evidence, key))
  t.ok(isGenuine(structuredClone(evidence), key), 'also on the other side of a thread border')
  t.notOk(isGenuine({ ...evidence, callId: newCallId() }, key))
  t.notOk(isGenuine({ ...evidence, dialog: 'c@d;from-tag=1' }, key))
  t.notOk(isGenuine({ ...evidence, cseq: 2 }, key))
  t.notOk(isGenuine({ ...evidence, answeredAt: epochMs(999) }, key))
  t.notOk(isGenuine({ ...answered, seal: '' }, key))
  t.notOk(isGenuine(createAnswerMint().mint(answered), key), 'of another process')
})
