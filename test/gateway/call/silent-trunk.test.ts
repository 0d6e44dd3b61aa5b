// A trunk that tells nothing of the phone until the ring time is followed by the next one, and no phone rings by two.
import { mock } from 'node:test'
import t, { type Test } from 'tap'
import type { E164, Trunk } from '../../../core/contracts/index.ts'
import { placeCall } from '../../../gateway/call/outbound-call.ts'
import { buildDesk, REQUEST, settle, TRUNK } from '../../support/build-desk.ts'
import { provisional } from '../../support/fake-sip.ts'

const trunk = (name: string, priority: number, more: Partial<Trunk> = {}): Trunk => ({
  ...TRUNK,
  name,
  domain: `${name}.invalid`,
  routes: [{ prefixes: ['+'], priority, weight: 1 }],
  ...more,
})
const TWO = [trunk('one', 1), trunk('two', 2)]
const RING_MS = 30_000
const CANCELED = { status: 487, local: false, lost: false }

async function dial(t: Test, trunks: readonly Trunk[] = TWO) {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const built = buildDesk()
  built.desk.trunks.replace(trunks)
  const session = await placeCall(built.desk, REQUEST)
  const { listener } = built.sip.invites[0]!
  const noted = () => built.types().filter((type) => type.startsWith('sip.'))
  return { ...built, session, listener, noted }
}

t.test('nothing but a 100 Trying: CANCEL, and when that is answered the next trunk', async (t) => {
  const { session, sip, listener, noted } = await dial(t)
  listener.onProvisional(provisional(100))
  mock.timers.tick(RING_MS)
  t.same(sip.sent, ['INVITE', 'CANCEL'])
  t.notOk(session.isEnding())
  await settle()
  t.equal(sip.invites.length, 1, 'while the first may still ring, nobody else is asked')
  listener.onFailed(CANCELED)
  await settle()
  t.same(sip.sent, ['INVITE', 'CANCEL', 'INVITE'])
  t.same(
    noted().filter((type) => type !== 'sip.provisional'),
    ['sip.invite', 'sip.cancel', 'sip.failed', 'sip.invite'],
  )
  t.equal(session.trunk, 'two')
  mock.timers.tick(RING_MS)
  t.match(session.live.termination, { reason: 'no-response' }, 'the last one is not followed')
  sip.invites[1]!.listener.onFailed(CANCELED)
  await session.over
})

t.test('not a word: no CANCEL is noted, since none was sent', async (t) => {
  const { session, sip, listener, noted } = await dial(t)
  mock.timers.tick(RING_MS)
  listener.onFailed({ status: 408, local: true, lost: false, detail: 'Request Timeout' })
  await settle()
  t.same(noted(), ['sip.invite', 'sip.failed', 'sip.invite'])
  sip.invites[1]!.listener.onFailed({ status: 486, local: false, lost: false })
  t.match(await session.over, { reason: 'busy' })
})

t.test('it rang until the ring time: nobody is rung twice', async (t) => {
  for (const status of [180, 183]) {
    await t.test(String(status), async (t) => {
      const { session, sip, listener } = await dial(t)
      listener.onProvisional(provisional(status))
      mock.timers.tick(RING_MS)
      listener.onFailed(CANCELED)
      t.match(await session.over, { result: 'client_error', reason: 'no-answer', by: 'callee' })
      await settle()
      t.same(sip.sent, ['INVITE', 'CANCEL'])
    })
  }
})

t.test('a 180 crosses the CANCEL: that phone rang', async (t) => {
  const { session, sip, listener } = await dial(t)
  mock.timers.tick(RING_MS)
  listener.onProvisional(provisional(180))
  listener.onFailed(CANCELED)
  t.match(await session.over, { reason: 'no-answer' })
  await settle()
  t.equal(sip.invites.length, 1)
})

t.test('an answer crosses the CANCEL: BYE, no agent, nobody else', async (t) => {
  const { session, sip, bridge } = await dial(t)
  mock.timers.tick(RING_MS)
  sip.answer()
  t.match(await session.over, { result: 'upstream_error', reason: 'no-response' })
  t.ok(sip.sent.includes('BYE'))
  t.notOk(bridge.sessions[0]!.did.includes('open'))
  t.equal(sip.invites.length, 1)
})

t.test('a decline crosses the CANCEL: a decline it is', async (t) => {
  const { session, sip, listener } = await dial(t)
  mock.timers.tick(RING_MS)
  listener.onFailed({ status: 603, local: false, lost: false })
  await session.over
  await settle()
  t.equal(sip.invites.length, 1)
})

t.test('the next trunk is full by then: no response, as without it', async (t) => {
  const limits = { maxConcurrentCalls: 1 }
  const two = trunk('two', 2, { limits })
  const { session, desk, listener } = await dial(t, [trunk('one', 1), two])
  desk.trunks.take(two, 'inbound')
  mock.timers.tick(RING_MS)
  listener.onFailed(CANCELED)
  t.match(await session.over, { result: 'upstream_error', reason: 'no-response', by: 'carrier' })
})

t.test('hung up before the ring time: its timer is no more', async (t) => {
  const { session, sip, listener } = await dial(t)
  session.end({ result: 'client_error', reason: 'canceled', by: 'api', sipStatus: null })
  listener.onFailed(CANCELED)
  await session.over
  mock.timers.tick(RING_MS)
  t.same(sip.sent, ['INVITE', 'CANCEL'])
})

t.test(
  'each trunk shows its own number: the record and the agent say which was seen',
  async (t) => {
    const numbers = (number: string): Partial<Trunk> => ({ numbers: [number as E164] })
    const built = buildDesk()
    const { desk, sip } = built
    const told: (string | null)[] = []
    const directory = {
      ...desk.directory,
      variablesFor: ({ from }: { from: string | null }) => {
        told.push(from)
        return {}
      },
    }
    const prepared: unknown[] = []
    const journal = {
      ...desk.journal,
      dialling: (...[, , invite]: Parameters<typeof desk.journal.dialling>) => {
        prepared.push(invite.caller)
        return Promise.resolve()
      },
    }
    desk.trunks.replace([
      trunk('one', 1, numbers('+4930111001')),
      trunk('two', 2, numbers('+4930222002')),
    ])
    const session = await placeCall({ ...desk, directory, journal }, REQUEST)
    sip.invites[0]!.listener.onFailed({ status: 500, local: false, lost: false })
    await settle()
    t.match(sip.invites[1]!.options.from, '+4930222002')
    t.same(told, ['+4930111001', '+4930222002'])
    t.same(prepared, ['+4930222002'])
    sip.invites[1]!.listener.onFailed({ status: 486, local: false, lost: false })
    await session.over
  },
)

t.test('503 with Retry-After: the trunk comes last until then', async (t) => {
  const { desk, listener, session, sip } = await dial(t)
  const order = () => desk.trunks.candidates(REQUEST).map(({ name }) => name)
  listener.onFailed({ status: 503, local: false, lost: false, retryAfterSeconds: 60 })
  await settle()
  t.same(order(), ['two', 'one'])
  desk.trunks.replace(TWO)
  t.same(order(), ['one', 'two'], 'whoever reads the file again starts anew')
  sip.invites[1]!.listener.onFailed({ status: 486, local: false, lost: false })
  await session.over
})
