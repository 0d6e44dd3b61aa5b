// A call of several INVITEs: by one trunk after the other, and to the human whom it was transferred to.
import t from 'tap'
import type { CallEvent, CallEventData, CallEventType, CallId } from '../../core/contracts/index.ts'
import { dialogsLeftUp, inviteLeftUp } from '../../control-api/calls/after-crash/abandoned-calls.ts'
import { aDialog } from '../support/a-dialog.ts'
import { buildApp, freshDataDir } from '../support/build-app.ts'

const invite = (sipCallId: string) => ({
  requestUri: 'sip:+4930700@192.0.2.1',
  from: '<sip:+4930100@192.0.2.1>;tag=ours',
  sipCallId,
  proxy: null,
  cseq: 1,
})

const told = <T extends CallEventType>(type: T, data: CallEventData[T]): CallEvent =>
  ({ type, callId: 'c' as CallId, at: 0, data }) as unknown as CallEvent

const DIALLED = [
  told('sip.invite_prepared', invite('s1')),
  told('sip.invite', { direction: 'outbound', sipCallId: 's1', trunk: 'one' }),
]
const SECOND = [
  ...DIALLED,
  told('sip.failed', { sipStatus: 503, nextTrunk: 'two' }),
  told('sip.invite_prepared', invite('s2')),
]
const CALLER = aDialog({ sipCallId: 's1' })
const HUMAN = aDialog({ sipCallId: 's9' })
const ENDED = told('call.ended', {
  termination: {
    result: 'server_error',
    reason: 'gateway-crashed',
    by: 'gateway',
    sipStatus: null,
  },
})
const TALKING = [...DIALLED, told('sip.answered', { dialog: 'd', cseq: 1, ...CALLER })]
const CALLING_HUMAN = [
  ...TALKING,
  told('transfer.invite_prepared', invite('s9')),
  told('transfer.invite', { sipCallId: 's9', trunk: 'two' }),
]
const WITH_HUMAN = [...CALLING_HUMAN, told('transfer.answered', { dialog: HUMAN })]

t.test('the INVITE that may still ring is the last one that nobody answered', async (t) => {
  t.equal(inviteLeftUp(DIALLED)?.sipCallId, 's1')
  t.equal(inviteLeftUp(SECOND)?.sipCallId, 's2', 'the first trunk had failed')
  t.equal(inviteLeftUp(SECOND.slice(0, -1)), undefined, 'none between two trunks')
  t.equal(inviteLeftUp(TALKING), undefined)
  t.equal(inviteLeftUp(CALLING_HUMAN)?.sipCallId, 's9', 'the human’s phone rings')
  t.equal(inviteLeftUp(WITH_HUMAN), undefined)
  const busy = told('transfer.failed', { detail: 'busy', sipStatus: 486 })
  t.equal(inviteLeftUp([...CALLING_HUMAN, busy]), undefined)
  const calledOff = told('sip.cancel', { direction: 'sent' })
  t.equal(inviteLeftUp([...DIALLED, calledOff])?.sipCallId, 's1', 'a CANCEL that may not have left')
  t.equal(inviteLeftUp([...DIALLED, ENDED, calledOff]), undefined, 'called off by a start since')
})

t.test('the caller and the human are released, each by the trunk it is on', async (t) => {
  t.match(dialogsLeftUp(WITH_HUMAN, 'one'), [
    { dialog: CALLER, trunk: 'one' },
    { dialog: HUMAN, trunk: 'two' },
  ])
  const released = told('sip.bye', { direction: 'sent' })
  t.equal(dialogsLeftUp([...WITH_HUMAN, ENDED, released], 'one').length, 2, 'whose it was: unknown')
  t.equal(dialogsLeftUp([...WITH_HUMAN, ENDED, released, released], 'one').length, 0)
  const humanGone = told('transfer.ended', { by: 'human' })
  t.match(dialogsLeftUp([...WITH_HUMAN, humanGone], 'one'), [{ dialog: CALLER, trunk: 'one' }])
  const callerGone = told('sip.bye', { direction: 'received' })
  t.match(dialogsLeftUp([...WITH_HUMAN, callerGone], 'one'), [{ dialog: HUMAN, trunk: 'two' }])
  const byCarrier = told('transfer.answered', { dialog: null })
  t.match(dialogsLeftUp([...TALKING, byCarrier], 'one'), [{ dialog: CALLER, trunk: 'one' }])
})

t.test('a further INVITE is on the disk before it leaves; the record has its trunk', async (t) => {
  const dataDir = await freshDataDir(t)
  const app = await buildApp(t, { dataDir })
  const { callId } = await app.control.begin({ direction: 'outbound' }, invite('s1'))
  app.emit('sip.invite', callId, { direction: 'outbound', sipCallId: 's1', trunk: 'one' })
  app.emit('sip.failed', callId, { sipStatus: 503, nextTrunk: 'two' })
  await app.api.journal.dialling(callId, 'sip.invite_prepared', invite('s2'))
  app.emit('sip.invite', callId, { direction: 'outbound', sipCallId: 's2', trunk: 'two' })
  const call = (await (await app.request(`/api/calls/${callId}`)).json()) as { trunk: string }
  t.equal(call.trunk, 'two')
  await t.rejects(
    app.api.journal.dialling('unknown' as CallId, 'sip.invite_prepared', invite('s3')),
    { code: 'DATABASE_UNAVAILABLE' },
  )
  await app.close()
  const next = await buildApp(t, { dataDir })
  t.match((await next.api.journal.abandoned()).invites, [{ callId, invite: { sipCallId: 's2' } }])
})
