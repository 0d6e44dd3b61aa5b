// SIGTERM with calls up, as docs/closing.md says: who may finish finishes, the rest gets its BYE, every record and recording
// is whole, and the process ends with 0.
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { pathsOf } from '../../control-api/storage/disk-paths.ts'
import type { CarrierCallRecord } from '../../simulators/carrier/index.ts'
import { eventually } from '../support/process.ts'
import { optionsStatus } from '../support/options-ping.ts'
import { startTrunkedChild, TALKS, type TrunkedChild } from '../support/trunked-child.ts'

const inboundTo = ({ carrier, product }: TrunkedChild, from: string) =>
  carrier.call({ to: product.sipUri, from, script: [{ untilHangUp: 60_000 }] })

/** The header line of the last message that the carrier received of this kind. */
const headerOf = (call: CarrierCallRecord, start: string, name: string): string | undefined =>
  call.messages
    .findLast(({ direction, startLine }) => direction === 'received' && startLine.startsWith(start))
    ?.raw.split('\r\n')
    .find((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))

t.test('SIGTERM while people talk, ring and call', async (t) => {
  const child = await startTrunkedChild(t, { DRAIN_SECONDS: '2' })
  const { product, carrier, agent, dataDir } = child
  carrier.script('+4930555008', 'noAnswer')
  const finishing = await product.view.place('+4930555001')
  const staying = await product.view.place('+4930555002')
  const caller = await inboundTo(child, '+4930700001')
  await child.talking(3)
  const ringing = await product.view.place('+4930555008')
  await eventually(
    'ringing',
    5000,
    async () => (await product.view.call(ringing)).status === 'ringing',
  )
  const called = (number: string) => carrier.calls.find(({ to }) => to.includes(number))

  product.program.signal('SIGTERM')
  await child.logged('stopping')
  await t.test('nothing new is taken, and everything can still be looked up', async (t) => {
    const refused = await inboundTo(child, '+4930700002')
    await eventually('the answer', 2000, () => refused.finalStatus !== null)
    t.equal(refused.finalStatus, 503)
    t.equal(headerOf(refused, 'SIP/2.0 503', 'Retry-After'), 'Retry-After: 30')
    t.equal(await optionsStatus(Number(product.sipTarget.split(':')[1])), 503)
    const dial = await product.view.request('/api/calls/start', {
      method: 'POST',
      body: JSON.stringify({ phone_number: '+4930555003' }),
    })
    t.equal(dial.status, 503)
    t.equal(dial.headers.get('retry-after'), '30')
    t.match(dial.headers.get('content-type'), 'application/problem+json')
    t.match(await dial.json(), { code: 'DRAINING' })
    const ready = await product.view.request('/ready')
    t.equal(ready.status, 503)
    t.match(await ready.json(), { status: 'draining' })
    t.match(await product.view.call(staying), { status: 'answered' })
  })
  carrier.hangUp(called('555001')!)

  t.match(await product.program.ended, { code: 0, signal: null }, product.program.stderr)
  const stayed = called('555002')!
  for (const call of [stayed, caller]) {
    t.equal(call.byeBy, 'gateway')
    t.match(headerOf(call, 'BYE', 'Reason'), 'Reason: Q.850;cause=41')
  }
  t.equal(called('555001')!.byeBy, 'carrier')
  t.match(called('555008'), { finalStatus: 487, answeredAt: null }, 'it no longer rings')
  t.ok(called('555008')!.cancelAt! - stayed.byeAt! < 500)
  t.same(
    carrier.calls.flatMap(({ protocolErrors }) => protocolErrors),
    [],
  )
  for (const { closedAt, closedBy } of agent.sessions) {
    t.equal(closedBy, 'client', 'closed by us, not lost')
    t.ok(closedAt! - stayed.byeAt! < 1000, 'agents leave with the BYE')
  }

  await t.test('the records and recordings are whole', async (t) => {
    t.notOk(existsSync(join(dataDir, 'voicegate.sqlite-wal')), 'the database was closed')
    const records = child.records()
    t.equal(records.length, 4, 'whoever was refused has none')
    for (const record of records) {
      const { call_id, termination_reason, termination_result } = record
      const ending = `${termination_result}/${termination_reason}`
      t.equal(ending, call_id === finishing ? 'success/hangup' : 'server_error/shutdown')
      t.equal(record.status, 'ended')
      if (call_id === ringing) continue
      t.ok(record.agent_closed_at, 'the agent’s end is in the record')
      t.equal(record.recording_state, 'stored')
      const { fanned } = pathsOf(join(dataDir, 'media'), record.recording_key ?? '')
      t.ok(statSync(fanned).size > 1000)
    }
  })

  const counted = child
    .log()
    .flatMap(({ msg, calls }) => (typeof calls === 'number' ? [[msg, calls]] : []))
  t.same(counted, [
    ['draining: calls may finish', 4],
    ['drained', 3],
    ['ending the calls that are left', 3],
  ])
  t.match(child.log().at(-1), { msg: 'stopped' }, 'the last line is not lost')
})

t.test(
  'one request may arrive thrice; a second ends the waiting, a third the process',
  async (t) => {
    const child = await startTrunkedChild(t, { DRAIN_SECONDS: '60' })
    const { product, carrier, agent } = child
    carrier.script('*', [...TALKS, { ignoreBye: true }])
    await product.view.place('+4930555001')
    await child.talking(1)
    // The terminal, npm and the runner tell of the same Ctrl-C.
    for (let times = 0; times < 3; times += 1) {
      product.program.signal('SIGINT')
      await sleep(20)
    }
    await sleep(1100)
    t.equal(agent.sessions[0]?.closedAt, null, 'they still talk')
    product.program.signal('SIGINT')
    await eventually('the BYE', 1000, () => carrier.calls[0]?.byeBy === 'gateway')
    await sleep(1100)
    product.program.signal('SIGINT')
    const thirdAt = performance.now()
    t.match(await product.program.ended, { code: 130, signal: null })
    t.ok(performance.now() - thirdAt < 1000, 'though the phone has not answered its BYE')
    t.same(
      child.log().flatMap(({ msg }) => (/^stop|^ended/.test(msg) ? [msg] : [])),
      ['stopping', 'stopping now', 'ended where it stands'],
    )
  },
)
