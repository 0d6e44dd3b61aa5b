// The second call of a transfer is one more on the wire: it holds a slot, and gives it back.
import t from 'tap'
import { beginTransfer } from '../../../../gateway/call/transfer/begin-transfer.ts'
import { placeCall } from '../../../../gateway/call/outbound-call.ts'
import { buildDesk, REQUEST } from '../../../support/build-desk.ts'
import { ASKED, later } from './transfer-stage.ts'

t.test('a bridged call counts twice while it lasts', async (t) => {
  const { desk, sip } = buildDesk({ maxConcurrentCalls: 2 })
  const session = await placeCall(desk, REQUEST)
  const dialog = sip.answer()
  t.ok(dialog)
  beginTransfer(desk, session, { ...ASKED, mode: 'bridge' })
  await later()
  t.equal(desk.registry.liveCount, 2)
  await t.rejects(placeCall(desk, REQUEST), { code: 'CAPACITY_EXHAUSTED' })
  const [, second] = sip.invites
  second!.listener.onFailed({ status: 486, local: false, lost: false })
  await later()
  t.equal(desk.registry.liveCount, 1, 'nobody took it')
  const other = await placeCall(desk, REQUEST)
  t.throws(() => beginTransfer(desk, session, { ...ASKED, mode: 'bridge' }), {
    code: 'CAPACITY_EXHAUSTED',
  })
  for (const each of [session, other])
    each.end({ result: 'success', reason: 'hangup', by: 'api', sipStatus: null })
  sip.invites.at(-1)!.listener.onFailed({ status: 487, local: false, lost: false })
  await Promise.all([session.over, other.over])
  t.equal(desk.registry.liveCount, 0)
})
