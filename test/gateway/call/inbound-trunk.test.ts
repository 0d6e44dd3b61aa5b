// What the trunk of a caller decides: its places, its headers, how its numbers are read, and that strangers have none.
import t from 'tap'
import { epochMs, type AgentDirectory } from '../../../core/contracts/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { takeCall } from '../../../gateway/call/inbound-call.ts'
import { StrangerLog } from '../../../gateway/call/stranger-log.ts'
import { buildDesk, settle, TRUNK } from '../../support/build-desk.ts'
import { FakeInvite, REMOTE_SDP } from '../../support/fake-sip.ts'

const endAll = (desk: ReturnType<typeof buildDesk>['desk']): void => {
  for (const session of desk.registry.sessions)
    session.end({ result: 'success', reason: 'hangup', by: 'api', sipStatus: null })
}

t.test(
  'a trunk takes as many calls as its limits say, and the next when one is over',
  async (t) => {
    const { desk, sip, journaled } = buildDesk()
    desk.trunks.replace([{ ...TRUNK, limits: { maxConcurrentCalls: 1 } }])
    sip.receive()
    await settle()
    sip.receive()
    t.same(sip.sent, ['180', '200', '503 after 10'])
    t.equal(journaled.length, 1, 'a call that was not taken leaves no record')
    t.match((await desk.metrics.render()).body, /sip_rejected_total\{reason="trunk_exhausted"\} 1/)
    endAll(desk)
    await settle()
    t.match(desk.trunks.views(), [{ calls: 0 }])
    sip.receive()
    await settle()
    t.equal(sip.sent.filter((what) => what === '200').length, 2)
    endAll(desk)
  },
)

t.test('a trunk that is full uses up nothing that the others may send', async (t) => {
  const { desk, sip } = buildDesk({ maxInboundCallsPerSecond: 2 })
  const full = { ...TRUNK, limits: { maxConcurrentCalls: 1 } }
  const other = { ...TRUNK, name: 'other', domain: '127.0.0.2:5080' }
  desk.trunks.replace([full, other])
  for (let n = 0; n < 20; n += 1) sip.receive()
  await settle()
  sip.handler(Object.assign(new FakeInvite(sip, REMOTE_SDP), { sourceAddress: '127.0.0.2' }))
  await settle()
  t.equal(sip.sent.filter((what) => what === '503 after 10').length, 19)
  t.equal(sip.sent.filter((what) => what === '200').length, 2, 'the other trunk’s call is taken')
  sip.handler(Object.assign(new FakeInvite(sip, REMOTE_SDP), { sourceAddress: '127.0.0.2' }))
  t.equal(sip.sent.at(-1), '503 after 1', 'the share of all trunks is used up')
  t.match(
    desk.trunks.views(),
    [{ calls: 1 }, { calls: 1 }],
    'a call that was not admitted holds no place',
  )
  endAll(desk)
})

t.test('the agent is told a caller’s headers where the trunk passes them', async (t) => {
  const extraHeaders = { 'x-customer-id': '17', 'user-to-user': 'abc' }
  for (const [passHeaders, variables] of [
    [true, { sip_customer_id: '17', sip_uui_raw: 'abc', sip_uui_data: 'abc' }],
    [false, {}],
  ] as const) {
    const { desk, sip } = buildDesk()
    desk.trunks.replace([{ ...TRUNK, passHeaders }])
    const told: unknown[] = []
    const { directory } = desk
    const listening: AgentDirectory = {
      ...directory,
      resolveInbound: (call, more) => {
        told.push(more)
        return directory.resolveInbound(call, more)
      },
    }
    const invite = Object.assign(new FakeInvite(sip, REMOTE_SDP), { extraHeaders })
    await takeCall({ ...desk, directory: listening }, invite)
    t.same(told, [{ variables }])
    endAll(desk)
  }
})

t.test('numbers are read as the trunk writes them', async (t) => {
  const { desk, sip, journaled } = buildDesk()
  const numberFormat = { country: '49', nationalPrefix: '0', internationalPrefix: '00' }
  desk.trunks.replace([{ ...TRUNK, numberFormat }])
  const users = { fromUser: '0044205550123', toUser: '030555100' }
  sip.handler(Object.assign(new FakeInvite(sip, REMOTE_SDP), users))
  await settle()
  t.match(journaled, [{ from: '+44205550123', to: '+4930555100' }])
  endAll(desk)
})

t.test('callers whom no trunk knows get 403, and the log one line a minute', async (t) => {
  const { desk, sip, journaled } = buildDesk()
  const lines: string[] = []
  let now = 0
  const strangers = new StrangerLog({
    logger: createLogger('info', { write: (line: string) => lines.push(line) }),
    clock: { ...desk.clock, now: () => epochMs(now) },
  })
  const strange = (): Promise<void> =>
    takeCall(
      { ...desk, strangers },
      Object.assign(new FakeInvite(sip, REMOTE_SDP), { sourceAddress: '198.51.100.9' }),
    )
  for (let n = 0; n < 1_000; n += 1) await strange()
  now = 59_999
  await strange()
  t.equal(lines.length, 1)
  now = 60_000
  await strange()
  t.same(
    sip.sent,
    Array.from({ length: 1_002 }, () => '403'),
  )
  t.equal(journaled.length, 0)
  const told = lines.map((line): unknown => JSON.parse(line))
  t.match(told, [{ calls: 1 }, { calls: 1_001 }])
  t.notMatch(lines.join(''), /198\.51\.100\.9.*msg/, 'the address is personal: no part of the text')
  t.match((await desk.metrics.render()).body, /sip_rejected_total\{reason="stranger"\} 1002/)
})
