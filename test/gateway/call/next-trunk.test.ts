// A call that a trunk fails goes on by the next one: one record, one agent at most, and nobody rung twice who declined.
import t from 'tap'
import type { Trunk } from '../../../core/contracts/index.ts'
import { AppError } from '../../../core/errors/index.ts'
import { placeCall } from '../../../gateway/call/outbound-call.ts'
import { provisional, REMOTE_SDP } from '../../support/fake-sip.ts'
import { buildDesk, REQUEST, settle, TRUNK } from '../../support/build-desk.ts'

const trunk = (name: string, priority: number): Trunk => ({
  ...TRUNK,
  name,
  domain: `${name}.invalid`,
  routes: [{ prefixes: ['+'], priority, weight: 1 }],
})
const TWO = [trunk('one', 1), trunk('two', 2)]
const FAILED = { local: false, lost: false }

async function dial() {
  const built = buildDesk()
  built.desk.trunks.replace(TWO)
  const session = await placeCall(built.desk, REQUEST)
  const dialled = () => built.sip.invites.map(({ options }) => options.requestUri)
  return { ...built, session, dialled, listener: (at: number) => built.sip.invites[at]!.listener }
}

t.test('503 after early media: the next trunk, another Call-ID, one agent', async (t) => {
  const { session, sip, bridge, recorded, journaled, dialled, listener } = await dial()
  listener(0).onProvisional(provisional(183, REMOTE_SDP, 'a'))
  listener(0).onFailed({ status: 503, ...FAILED })
  await settle()
  t.same(dialled(), ['sip:+4930123456@one.invalid', 'sip:+4930123456@two.invalid'])
  t.not(sip.invites[0]!.options.sipCallId, sip.invites[1]!.options.sipCallId)
  t.equal(bridge.sessions.length, 1, 'the same port')
  sip.answer()
  t.equal(bridge.sessions[0]!.did.filter((what) => what === 'open').length, 1)
  t.match(
    recorded.filter(({ type }) => type === 'sip.failed' || type === 'sip.invite'),
    [
      { type: 'sip.invite', data: { trunk: 'one' } },
      { type: 'sip.failed', data: { sipStatus: 503, nextTrunk: 'two' } },
      { type: 'sip.invite', data: { trunk: 'two' } },
    ],
  )
  t.equal(journaled.length, 1)
  listener(1).onEnded({ by: 'remote', reason: undefined })
  t.match(await session.over, { result: 'success', reason: 'hangup' })
})

t.test('who declines is not rung by another trunk', async (t) => {
  for (const status of [486, 600, 603, 607]) {
    const { session, dialled, listener, recorded } = await dial()
    listener(0).onProvisional(provisional(180))
    listener(0).onFailed({ status, ...FAILED })
    t.match(await session.over, { sipStatus: status })
    t.equal(dialled().length, 1, String(status))
    t.notOk(recorded.some(({ data }) => 'nextTrunk' in data))
  }
})

t.test('no trunk is left: the call ends as the last one says', async (t) => {
  const { session, desk, dialled, listener } = await dial()
  listener(0).onFailed({ status: 503, ...FAILED })
  await settle()
  listener(1).onFailed({ status: 500, ...FAILED })
  t.match(await session.over, { result: 'upstream_error', reason: 'rejected', sipStatus: 500 })
  t.equal(dialled().length, 2)
  t.same(
    desk.trunks.views().map(({ calls }) => calls),
    [0, 0],
    'no place is kept',
  )
})

t.test('the log says which trunk failed a call, and which one is tried', async (t) => {
  const { session, listener, logged } = await dial()
  const silence = { local: true, lost: false, detail: 'Port Closed' }
  listener(0).onFailed({ status: 503, ...silence })
  await settle()
  listener(1).onFailed({ status: 503, ...silence })
  await session.over
  const said = logged.map((line) => JSON.parse(line) as Record<string, unknown>)
  t.match(said, [
    { level: 'warn', trunk: 'one', sipStatus: 503, detail: 'Port Closed', nextTrunk: 'two' },
    { level: 'warn', trunk: 'two', sipStatus: 503, detail: 'Port Closed' },
  ])
})

t.test(
  'the file is read again: a trunk that was taken out is not dialled, a changed one as it is now',
  async (t) => {
    const gone = await dial()
    gone.desk.trunks.replace(TWO.slice(0, 1))
    gone.listener(0).onFailed({ status: 503, ...FAILED })
    t.match(await gone.session.over, { sipStatus: 503 })
    t.equal(gone.dialled().length, 1)

    const changed = await dial()
    changed.desk.trunks.replace([TWO[0]!, { ...TWO[1]!, domain: 'moved.invalid' }])
    changed.listener(0).onFailed({ status: 503, ...FAILED })
    await settle()
    t.match(changed.dialled(), [/one/, /@moved.invalid$/])
    changed.listener(1).onFailed({ status: 486, ...FAILED })
    await changed.session.over
  },
)

t.test('hung up between two trunks: nobody else is rung', async (t) => {
  const { session, sip, dialled, listener } = await dial()
  listener(0).onFailed({ status: 503, ...FAILED })
  session.end({ result: 'client_error', reason: 'canceled', by: 'api', sipStatus: null })
  await session.over
  await settle()
  t.equal(dialled().length, 1)
  t.notOk(sip.sent.includes('CANCEL'), 'there is nothing to cancel')
})

t.test('a CANCEL goes to the trunk that is at it', async (t) => {
  const { session, sip, listener } = await dial()
  listener(0).onFailed({ status: 503, ...FAILED })
  await settle()
  session.end({ result: 'client_error', reason: 'canceled', by: 'api', sipStatus: null })
  t.ok(sip.sent.includes('CANCEL'))
  listener(1).onFailed({ status: 487, ...FAILED })
  t.match(await session.over, { reason: 'canceled' })
})

t.test('the second INVITE waits for the disk, and without it nobody rings', async (t) => {
  const built = buildDesk()
  built.desk.trunks.replace(TWO)
  const disk = Promise.withResolvers<never>()
  const desk = { ...built.desk, journal: { ...built.desk.journal, dialling: () => disk.promise } }
  const session = await placeCall(desk, REQUEST)
  built.sip.invites[0]!.listener.onFailed({ status: 503, ...FAILED })
  await settle()
  t.equal(built.sip.invites.length, 1)
  disk.reject(new Error('planted'))
  t.match(await session.over, { result: 'server_error', reason: 'internal-error' })
  t.equal(built.sip.invites.length, 1)
})

t.test('a trunk without its media server is followed by the next one', async (t) => {
  const built = buildDesk()
  built.desk.trunks.replace(TWO)
  const { describe } = built.desk
  const away = new AppError('MEDIA_SERVER_FAILED', 'planted')
  const desk = {
    ...built.desk,
    describe: (leg: Parameters<typeof describe>[0]) =>
      leg.trunk.name === 'one'
        ? { ...describe(leg), offer: () => Promise.reject(away), close: () => Promise.resolve() }
        : describe(leg),
  }
  const session = await placeCall(desk, REQUEST)
  t.same(
    built.sip.invites.map(({ options }) => options.requestUri),
    ['sip:+4930123456@two.invalid'],
  )
  built.sip.invites[0]!.listener.onFailed({ status: 486, ...FAILED })
  await session.over
  built.desk.trunks.replace(TWO.slice(0, 1))
  await t.rejects(placeCall(desk, REQUEST), { code: 'MEDIA_SERVER_FAILED' })
  await settle()
  t.equal(built.desk.registry.size, 0)
})

t.test(
  'while the SIP server is away nothing is recorded; lost in between it is no defect',
  async (t) => {
    const { desk, sip, journaled, recorded } = buildDesk()
    sip.isConnected = false
    await t.rejects(placeCall(desk, REQUEST), { code: 'SIP_UNAVAILABLE' })
    t.same([journaled.length, desk.registry.size], [0, 0])
    sip.isConnected = true
    const journal = {
      ...desk.journal,
      open: () => {
        sip.isConnected = false
        return Promise.resolve()
      },
    }
    await t.rejects(placeCall({ ...desk, journal }, REQUEST), { code: 'SIP_UNAVAILABLE' })
    await settle()
    t.match(
      recorded.find(({ type }) => type === 'call.ended'),
      { data: { termination: { reason: 'sip-server-lost' } } },
    )
  },
)
