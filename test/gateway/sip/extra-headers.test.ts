// What of an INVITE's headers goes on to the application.
import t from 'tap'
import { extraHeadersIn } from '../../../gateway/sip/extra-headers.ts'
import { eventually } from '../../support/process.ts'
import { requestText, SipPeer } from '../embedded/sip-peer.ts'
import type { InboundInvite } from '../../../gateway/sip/sip-port.ts'
import { openDrachtioStage } from './drachtio-stage.ts'

t.test('X- headers and User-to-User, under lower-case names', async (t) => {
  t.same(
    extraHeadersIn({
      'X-Customer-Id': '17',
      'x-lower': 'a',
      'User-to-User': '68656c6c6f;encoding=hex',
      'user-agent': 'no',
      From: 'no',
      'X-Voicegate-Tls-Name': 'no',
      'x-voicegate-anything': 'no',
    }),
    { 'x-customer-id': '17', 'x-lower': 'a', 'user-to-user': '68656c6c6f;encoding=hex' },
  )
})

t.test('they are few, short and printable', async (t) => {
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`X-${n}`, `${n}`]))
  t.equal(Object.keys(extraHeadersIn(many)).length, 20)
  t.equal(extraHeadersIn({ 'X-Long': 'x'.repeat(10_000) })['x-long'], 'x'.repeat(256))
  const cut = extraHeadersIn({ 'X-Face': `a${'😀'.repeat(300)}` })['x-face']
  t.equal(cut, `a${'😀'.repeat(127)}\ufffd`)
  t.same(extraHeadersIn({ [`X-${'n'.repeat(100)}`]: 'a' }), {})
  t.equal(extraHeadersIn({ 'X-A': 'a\r\n b\0c\x1b[31m\u2028d\x7f' })['x-a'], 'a  b c [31m d')
  t.same(extraHeadersIn({ 'X-A': 'first', 'x-a': 'second' }), { 'x-a': 'first' })
})

t.test('off the wire', async (t) => {
  const { sip, address, target } = await openDrachtioStage(t)
  const invites: InboundInvite[] = []
  sip.onInvite((invite) => invites.push(invite))
  const peer = await SipPeer.open(t)
  const headers = ['X-Name: Jürgen', 'X-Name: Straße', 'x-empty:', 'User-to-User: abc;encoding=hex']
  peer.send(requestText({ method: 'INVITE', target, peer, headers }), address)
  const [invite] = await eventually('it', 3_000, () => (invites.length > 0 ? invites : undefined))
  t.same(invite?.extraHeaders, {
    'x-name': 'Jürgen,Straße',
    'x-empty': '',
    'user-to-user': 'abc;encoding=hex',
  })
  t.same(invite?.tlsNames, [])
  invite?.refuse(480)
  await peer.wait('480 INVITE')
})
