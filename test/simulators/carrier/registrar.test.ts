// The registrar by itself, over a bare socket: challenges, proofs, times, faults on purpose.
import { setTimeout as sleepFor } from 'node:timers/promises'
import t, { type Test } from 'tap'
import {
  startCarrier,
  type Carrier,
  type CarrierOptions,
} from '../../../simulators/carrier/index.ts'
import { startRegisterPeer, type Registering, type RegisterPeer } from './register-peer.ts'

const ACCOUNT = { user: '4930555100', password: 'not-a-guess' }

interface Stage {
  readonly carrier: Carrier
  readonly peer: RegisterPeer
}

async function open(t: Test, options: CarrierOptions = {}): Promise<Stage> {
  const carrier = await startCarrier({ registrar: { accounts: [ACCOUNT] }, ...options })
  t.teardown(() => carrier.close())
  return { carrier, peer: await startRegisterPeer(t, carrier.address, ACCOUNT) }
}

/** Challenged, then with the proof. */
async function proven(peer: RegisterPeer, more: Partial<Registering> = {}) {
  const challenged = await peer.register(more)
  return peer.register({ ...more, challenge: challenged.challenges[0]! })
}

t.test('challenged with SHA-256 and MD5; either proof is taken', async (t) => {
  for (const index of [0, 1]) {
    const { carrier, peer } = await open(t)
    const challenged = await peer.register()
    t.equal(challenged.status, 401)
    t.match(challenged.challenges, [
      { algorithm: 'SHA-256', qop: 'auth', realm: 'carrier.invalid', stale: undefined },
      { algorithm: 'MD5', qop: 'auth', realm: 'carrier.invalid', stale: undefined },
    ])
    t.same(carrier.registrar.bindings, [])
    const bound = await peer.register({ challenge: challenged.challenges[index]! })
    t.equal(bound.status, 200)
    t.match(bound.contact, new RegExp(`^<${peer.contactUri}>;expires=\\d+$`))
    t.match(carrier.registrar.bindings, [{ user: ACCOUNT.user, contactUri: peer.contactUri }])
    t.match(carrier.registrar.attempts, [{ status: 401 }, { status: 200 }])
    t.same(carrier.protocolErrors, [])
  }
})

t.test('a wrong password, an unknown user, another’s address: 403', async (t) => {
  const { carrier, peer } = await open(t)
  t.equal((await proven(peer, { password: 'a guess' })).status, 403)
  t.equal((await proven(peer, { user: 'nobody' })).status, 403)
  t.equal((await proven(peer, { addressOf: 'somebody-else' })).status, 403)
  t.same(carrier.registrar.bindings, [])
})

t.test('a nonce that is too old or was used is stale, and the next one works', async (t) => {
  const { peer } = await open(t, { registrar: { accounts: [ACCOUNT], nonceSeconds: 1 } })
  const { challenges } = await peer.register()
  const [challenge] = challenges
  t.equal((await peer.register({ challenge: challenge! })).status, 200)
  const replayed = await peer.register({ challenge: challenge! })
  t.equal(replayed.status, 401)
  t.equal(replayed.challenges[0]?.stale, 'true')
  await sleepFor(1050)
  const late = await peer.register({ challenge: challenge!, count: 2 })
  t.match(late, { status: 401, challenges: [{ stale: 'true' }] })
  t.equal((await peer.register({ challenge: late.challenges[0]! })).status, 200)
})

t.test('what no client may send is refused and noted', async (t) => {
  const { carrier, peer } = await open(t)
  t.equal((await proven(peer, { digestUri: 'sip:elsewhere.invalid' })).status, 403)
  t.equal((await proven(peer, { qop: 'auth-int' })).status, 403)
  t.equal((await proven(peer, { cseq: 1 })).status, 200)
  t.equal((await proven(peer, { cseq: 1 })).status, 500)
  t.strictSame(carrier.protocolErrors, [
    'credentials for another URI than the request’s',
    'credentials without the qop that was offered',
    'REGISTER without a higher CSeq number',
  ])
})

t.test('times: too brief, too long, taken back, run out', async (t) => {
  const { carrier, peer } = await open(t, {
    registrar: { accounts: [ACCOUNT], minExpiresSeconds: 1, maxExpiresSeconds: 60 },
  })
  t.match((await proven(peer, { expires: 7200 })).contact, /;expires=60$/)
  t.match(await proven(peer, { expires: 0 }), { status: 200, contact: '' })
  t.same(carrier.registrar.bindings, [])
  await proven(peer, { expires: 1 })
  t.equal(carrier.registrar.bindings.length, 1)
  await sleepFor(1050)
  t.same(carrier.registrar.bindings, [], 'nobody had to take it back')
  const strict = await open(t, { registrar: { minExpiresSeconds: 600 } })
  t.match(await strict.peer.register({ expires: 60 }), { status: 423, minExpires: '600' })
  t.equal((await strict.peer.register({ expires: 600 })).status, 200)
})

t.test('faults on purpose, each ended again', async (t) => {
  const { carrier, peer } = await open(t)
  carrier.registrar.fail('refuse')
  t.equal((await proven(peer).catch(() => peer.register())).status, 403)
  carrier.registrar.fail('unavailable')
  t.match(await peer.register(), { status: 503, retryAfter: '1' })
  carrier.registrar.fail('silent')
  await t.rejects(peer.register({ waitMs: 200 }), /no answer/)
  carrier.registrar.fail(undefined)
  t.equal((await proven(peer)).status, 200)
  carrier.registrar.dropBindings()
  t.same(carrier.registrar.bindings, [])
  const { challenges } = await peer.register()
  carrier.registrar.changeRealm('other.invalid')
  const anew = await peer.register({ challenge: challenges[0]! })
  t.match(anew, { status: 401, challenges: [{ realm: 'other.invalid', stale: undefined }] })
  t.equal((await peer.register({ challenge: anew.challenges[0]! })).status, 200)
})

t.test('OPTIONS: answered, silent, 503, answered again', async (t) => {
  const { carrier, peer } = await open(t)
  t.equal((await peer.options()).status, 200)
  carrier.failOptions('unavailable')
  t.equal((await peer.options()).status, 503)
  carrier.failOptions('silent')
  await t.rejects(peer.options({ waitMs: 200 }), /no answer/)
  carrier.failOptions(undefined)
  t.equal((await peer.options()).status, 200)
})

t.test('a registered account is called at its contact; without one it cannot be', async (t) => {
  const { carrier, peer } = await open(t)
  const to = { account: ACCOUNT.user }
  await t.rejects(carrier.call({ to, from: '+4930123456', script: 'callerGivesUp' }), {
    message: 'that account is not registered',
  })
  await proven(peer)
  await carrier.call({ to, from: '+4930123456', script: 'callerGivesUp' })
  const invite = await peer.heard('INVITE')
  t.match(invite, `INVITE ${peer.contactUri} SIP/2.0`)
  t.match(invite, new RegExp(`^To: <sip:${ACCOUNT.user}@127.0.0.1:\\d+>\\r$`, 'm'))
})
