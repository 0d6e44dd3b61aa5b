import t from 'tap'
import type { CallId } from '../../core/contracts/index.ts'
import { eventually } from '../support/process.ts'
import { SDP, SipPeer } from './embedded/sip-peer.ts'
import { openGatewayStage } from './gateway-stage.ts'

t.test('recording by hand, as the API asks for it', async (t) => {
  const trunk = await SipPeer.open(t)
  const stage = await openGatewayStage(t, trunk.hostPort, {
    recording: 'after-consent',
  })
  const { calls } = stage.gateway
  t.equal(calls.record('call_of_nobody' as CallId, 'start'), 'not-live')
  await stage.place('+4930123456')
  const { callId } = calls.list()[0]!
  const invite = await trunk.wait('INVITE')
  t.equal(calls.record(callId, 'start'), 'not-answered')
  const headers = [`Contact: <sip:bob@${trunk.hostPort}>`, 'Content-Type: application/sdp']
  trunk.reply(invite, '200 OK', { tag: 'b', headers, body: SDP })
  await eventually('the answer', 3000, () => calls.find(callId)?.status === 'answered')
  t.equal(calls.record(callId, 'pause'), 'not-started')
  t.equal(calls.record(callId, 'start'), 'done')
  t.equal(calls.record(callId, 'pause'), 'done')
  t.equal(calls.record(callId, 'resume'), 'done')
  const told = (await stage.media()).did.filter((what) => what.startsWith('record'))
  t.same(told, ['record start', 'record pause', 'record resume'])
  calls.hangUp(callId)
  t.equal(calls.record(callId, 'pause'), 'not-live', 'it is ending')
  trunk.reply(await trunk.wait('BYE'), '200 OK')
})
