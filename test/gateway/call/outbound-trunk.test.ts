// What a call we place tells of the trunk it goes to, and its end when the trunk stays silent.
import t from 'tap'
import { mock } from 'node:test'
import { termination } from '../../../core/contracts/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { placeCall } from '../../../gateway/call/outbound-call.ts'
import { provisional } from '../../support/fake-sip.ts'
import { buildDesk, REQUEST, settle, TRUNK } from '../../support/build-desk.ts'

t.test(
  'nothing but a 100 Trying until the ring time: it is the carrier who is not there',
  async (t) => {
    mock.timers.enable({ apis: ['setTimeout'] })
    t.teardown(() => mock.timers.reset())
    const { desk, sip, recorded } = buildDesk()
    const session = await placeCall(desk, REQUEST)
    const { listener } = sip.invites[0]!
    listener.onProvisional(provisional(100, '', ''))
    mock.timers.tick(30_000)
    t.ok(sip.sent.includes('CANCEL'))
    t.same([desk.registry.size, desk.registry.liveCount], [1, 0], 'its slot is free at once')
    listener.onFailed({ status: 487, local: true, lost: false, detail: 'Request Terminated' })
    t.match(await session.over, { result: 'upstream_error', reason: 'no-response', by: 'carrier' })
    t.match(
      recorded.find(({ type }) => type === 'sip.failed'),
      { data: { sipStatus: 487, local: true, detail: 'Request Terminated' } },
    )
  },
)

t.test('a call that is given up closes its record at once, and its media with it', async (t) => {
  const { desk, sip, bridge, types } = buildDesk()
  sip.neverAnswersBye = true
  const dialing = await placeCall(desk, REQUEST)
  const { listener } = sip.invites[0]!
  listener.onProvisional(provisional(100, '', ''))
  const talking = await placeCall(desk, REQUEST)
  sip.answer()
  const shutdown = termination('server_error', 'shutdown', 'gateway')
  for (const session of [dialing, talking]) {
    session.giveUp()
    t.notOk(session.isEnding(), 'only one that is ending can be given up')
  }
  for (const session of [dialing, talking]) session.end(shutdown)
  await settle()
  t.equal(desk.registry.size, 2)
  for (const session of [dialing, talking]) session.giveUp()
  t.same(await Promise.all([dialing.over, talking.over]), [shutdown, shutdown])
  t.equal(desk.registry.size, 0)
  t.ok(bridge.sessions.every(({ closed }) => closed))
  listener.onFailed({ status: 503, local: true, lost: true })
  const after = types().slice(types().lastIndexOf('call.ended') + 1)
  t.same(after, ['sip.server_lost'], 'for the next start; nothing else comes after the end')
})

t.test('the carrier’s reason is kept as a number', async (t) => {
  const { desk, sip, recorded } = buildDesk()
  const session = await placeCall(desk, REQUEST)
  sip.invites[0]!.listener.onFailed({ status: 503, local: false, lost: false, q850Cause: 34 })
  await session.over
  t.match(
    recorded.find(({ type }) => type === 'sip.failed'),
    { data: { sipStatus: 503, q850Cause: 34, local: undefined } },
  )
})

t.test('credentials that are refused: the log names the settings to check', async (t) => {
  const account = {
    user: 'alice',
    password: 'planted',
    registers: false,
    settings: 'USER and PASS',
  }
  for (const [own, expected] of [
    [{ account }, 'the trunk refuses our credentials: check USER and PASS'],
    [{}, 'the trunk asks for credentials, and it is configured without any'],
  ] as const) {
    for (const status of [401, 407, 403]) {
      const lines: string[] = []
      const { desk: built, sip } = buildDesk()
      const logger = createLogger('warn', { write: (line: string) => void lines.push(line) })
      built.trunks.replace([{ ...TRUNK, ...own }])
      const desk = { ...built, logger }
      const session = await placeCall(desk, REQUEST)
      sip.invites[0]!.listener.onFailed({ status, local: false, lost: false })
      await session.over
      const isTold = lines.some((line) => line.includes(expected))
      t.equal(isTold, status !== 403, `${status}: ${lines.join()}`)
      t.notMatch(lines.join(), /alice|planted/)
    }
  }
})

t.test('who calls: a number of ours, else the user of the trunk', async (t) => {
  const account = { user: 'alice', password: 'p', registers: false, settings: 'S' }
  for (const [own, from, header] of [
    [{}, '+4930555100', '<sip:+4930555100@127.0.0.1:5080>'],
    [{ numbers: [], account }, 'alice', '<sip:alice@127.0.0.1:5080>'],
    [{ numbers: [] }, null, '<sip:voicegate@127.0.0.1:5080>'],
  ] as const) {
    const { desk, sip, journaled } = buildDesk()
    desk.trunks.replace([{ ...TRUNK, ...own }])
    const session = await placeCall(desk, REQUEST)
    t.equal(journaled[0]!.from, from)
    t.match(sip.invites[0]!.options.from, /;tag=[0-9a-f]{24}$/)
    t.ok(sip.invites[0]!.options.from.startsWith(`${header};`), header)
    sip.invites[0]!.listener.onFailed({ status: 486, local: false, lost: false })
    await session.over
  }
})
