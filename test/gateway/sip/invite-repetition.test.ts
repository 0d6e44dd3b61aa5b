// An INVITE that is challenged and too short a session as well: each repetition keeps what the others have changed.
import t from 'tap'
import {
  decodeCredentials,
  type DigestCredentials,
} from '../../../gateway/sip/digest/digest-credentials.ts'
import { digestResponse } from '../../../gateway/sip/digest/digest-hash.ts'
import { eventually } from '../../support/process.ts'
import { SipPeer, type Received } from '../embedded/sip-peer.ts'
import { ACCOUNT, anInvite, CallNotes, openDrachtioStage } from './drachtio-stage.ts'

const TIMER = { Supported: 'timer', 'Session-Expires': '1800;refresher=uas', 'Min-SE': '90' }
const challenge = (nonce: string): { tag: string; headers: string[] } => ({
  tag: 'p',
  headers: [`Proxy-Authenticate: Digest realm="carrier", nonce="${nonce}", qop="auth"`],
})
const REQUIRED = '407 Proxy Authentication Required'
const TOO_SHORT = '422 Session Interval Too Small'
const longer = { tag: 'p', headers: ['Min-SE: 3600'] }

function credentialsIn(invite: Received): DigestCredentials {
  const [credentials, ...more] = decodeCredentials(invite.headers.get('Proxy-Authorization') ?? '')
  if (!credentials || more.length > 0) throw new Error('the credentials of one realm')
  return credentials
}

/** Right for this message: its method and its Request-URI. */
function isRight(invite: Received): boolean {
  const { response, ...given } = credentialsIn(invite)
  const [method = '', uri = ''] = invite.text.split(' ')
  return (
    given.uri === uri &&
    response === digestResponse({ ...given, ...ACCOUNT, method, uri, body: '' })
  )
}
const nonceCountIn = (invite: Received): string | undefined =>
  credentialsIn(invite).protection?.nonceCount

/** The INVITE of this number in its call; repeated datagrams are the same one. */
async function inviteOf(peer: SipPeer, seq: number): Promise<Received> {
  const find = (): Received | undefined =>
    peer.received.find(({ headers }) => headers.get('CSeq') === `${seq} INVITE`)
  await eventually(`INVITE ${seq}`, 3000, () => find() !== undefined)
  const found = find()
  if (!found) throw new Error('an INVITE')
  return found
}
const lastSeqOf = (peer: SipPeer): string | undefined =>
  peer.received.findLast(({ what }) => what === 'INVITE')?.headers.get('CSeq')

function isOneCall(invites: readonly Received[]): boolean {
  const same = (name: string): boolean =>
    new Set(invites.map(({ headers }) => headers.get(name))).size === 1
  const inOrder = invites.every(({ headers }, at) => headers.get('CSeq') === `${at + 1} INVITE`)
  return inOrder && same('Call-ID') && same('From')
}

t.test(
  'challenged, then too short: the third INVITE has credentials and the interval',
  async (t) => {
    const { sip } = await openDrachtioStage(t)
    const trunk = await SipPeer.open(t)
    const call = new CallNotes()
    sip.invite(anInvite(trunk.hostPort, { headers: TIMER }), call)
    const first = await inviteOf(trunk, 1)
    t.equal(first.headers.get('Session-Expires'), '1800;refresher=uas')
    trunk.reply(first, REQUIRED, challenge('n1'))
    const second = await inviteOf(trunk, 2)
    t.equal(second.headers.get('Session-Expires'), '1800;refresher=uas')
    t.equal(nonceCountIn(second), '00000001')
    trunk.reply(second, TOO_SHORT, longer)
    const third = await inviteOf(trunk, 3)
    t.equal(third.headers.get('Session-Expires'), '3600;refresher=uas')
    t.equal(third.headers.get('Min-SE'), '3600')
    t.equal(nonceCountIn(third), '00000002', 'the same nonce once more')
    t.ok(isRight(second) && isRight(third))
    // The proxy lets no nonce pass twice and does not say that it is only stale.
    trunk.reply(third, REQUIRED, challenge('n2'))
    const fourth = await inviteOf(trunk, 4)
    t.equal(fourth.headers.get('Session-Expires'), '3600;refresher=uas')
    t.match(credentialsIn(fourth), { nonce: 'n2', protection: { nonceCount: '00000001' } })
    t.ok(isRight(fourth))
    t.ok(isOneCall([first, second, third, fourth]))
    trunk.reply(fourth, '486 Busy Here', { tag: 'p' })
    t.match(await call.failed, { status: 486, local: false })
    t.same(call.notes, ['sent', 'failed 486'], 'for the call it is one INVITE')
  },
)

t.test('too short, then challenged: the third INVITE keeps the interval', async (t) => {
  const { sip } = await openDrachtioStage(t)
  const trunk = await SipPeer.open(t)
  const call = new CallNotes()
  sip.invite(anInvite(trunk.hostPort, { headers: { ...TIMER, 'Session-Expires': '1800' } }), call)
  const first = await inviteOf(trunk, 1)
  trunk.reply(first, TOO_SHORT, longer)
  const second = await inviteOf(trunk, 2)
  t.equal(second.headers.get('Session-Expires'), '3600')
  t.notOk(second.headers.has('Proxy-Authorization'))
  trunk.reply(second, REQUIRED, challenge('n1'))
  const third = await inviteOf(trunk, 3)
  t.equal(third.headers.get('Session-Expires'), '3600')
  t.equal(third.headers.get('Min-SE'), '3600')
  t.ok(isRight(third))
  t.ok(isOneCall([first, second, third]))
  trunk.reply(third, TOO_SHORT, { tag: 'p', headers: ['Min-SE: 7200'] })
  t.match(await call.failed, { status: 422 }, 'longer once, not again and again')
  t.equal(lastSeqOf(trunk), '3 INVITE')
})

t.test(
  'wrong credentials are not tried again, neither before nor after a longer session',
  async (t) => {
    const { sip } = await openDrachtioStage(t)
    for (const isLengthened of [false, true]) {
      const trunk = await SipPeer.open(t)
      const call = new CallNotes()
      sip.invite(anInvite(trunk.hostPort, { headers: TIMER }), call)
      if (isLengthened) trunk.reply(await inviteOf(trunk, 1), TOO_SHORT, longer)
      const before = isLengthened ? 1 : 0
      trunk.reply(await inviteOf(trunk, before + 1), REQUIRED, challenge('n1'))
      trunk.reply(await inviteOf(trunk, before + 2), REQUIRED, challenge('n2'))
      t.match(await call.failed, { status: 407 })
      t.equal(lastSeqOf(trunk), `${before + 2} INVITE`)
    }
  },
)

t.test('the server that challenged is asked again, with a longer session too', async (t) => {
  const { sip } = await openDrachtioStage(t)
  // One name, two servers: each would know its own nonces only.
  const first = await SipPeer.open(t)
  const challenger = await SipPeer.open(t)
  const call = new CallNotes()
  sip.invite(anInvite(`localhost:${first.port}`, { headers: TIMER }), call)
  const invite = await inviteOf(first, 1)
  challenger.reply(invite, REQUIRED, challenge('n1'))
  const second = await inviteOf(challenger, 2)
  challenger.reply(second, TOO_SHORT, longer)
  const third = await inviteOf(challenger, 3)
  t.equal(third.headers.get('Session-Expires'), '3600;refresher=uas')
  t.ok(isRight(third))
  t.equal(lastSeqOf(first), '1 INVITE')
  challenger.reply(third, '486 Busy Here', { tag: 'p' })
  t.match(await call.failed, { status: 486 })
})
