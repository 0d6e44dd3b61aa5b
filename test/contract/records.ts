// What counting calls and taking them along owes its users, whatever the database.
import type { Test } from 'tap'
import { epochMs, newCallId, termination, type CallId } from '../../core/contracts/index.ts'
import { aDialog } from '../support/a-dialog.ts'
import { sample, type BuiltApp } from '../support/build-app.ts'

export type BuildRecords = (t: Test) => Promise<BuiltApp>

interface Counted {
  readonly items: readonly { readonly key: string | null; readonly calls: number }[]
  readonly totals: object
}

/** Three that have ended (a talk of 90 s, one busy, one refused consent) and one that goes on. */
async function someCalls(app: BuiltApp): Promise<{ readonly talk: CallId }> {
  const begin = async (trunk: string): Promise<CallId> => {
    const identity = {
      ...{ callId: newCallId(), direction: 'inbound' as const },
      ...{ from: '+4930555200', to: '+4930555100' },
      ...{ trunk, createdAt: app.clock.now(), metadata: {} },
    }
    // Before its record is open: the agent is written with it.
    await app.api.directory.resolveInbound(identity)
    return (await app.control.begin(identity)).callId
  }
  const end = (callId: CallId, reason: 'hangup' | 'busy', at = app.clock.now()): void => {
    const result = reason === 'busy' ? 'client_error' : 'success'
    app.emit('call.ended', callId, { termination: termination(result, reason, 'callee') }, at)
  }
  const talk = await begin('east')
  const at = (seconds: number) => epochMs((app.control.find(talk)?.createdAt ?? 0) + seconds * 1000)
  const direction = 'inbound'
  app.emit('sip.invite', talk, { direction, sipCallId: 's1' }, at(0.5))
  app.emit('sip.provisional', talk, { sipStatus: 180, earlyMedia: false }, at(1))
  app.emit('sip.answered', talk, { dialog: 'd', cseq: 1, ...aDialog({}) }, at(11))
  app.emit('agent.user_transcript', talk, { text: 'Guten Tag', eventId: 1 }, at(20))
  app.emit('consent.given', talk, { given: true, promptVersion: 'v1', language: 'de' }, at(21))
  const closed = { reason: 'call-ended', closeCode: 1000, detail: '', seconds: 90 } as const
  app.emit('agent.closed', talk, closed, at(101))
  end(talk, 'hangup', at(101))
  await app.recorded(talk, 7)
  const busy = await begin('west')
  const invitedAt = app.clock.now()
  app.emit('sip.invite', busy, { direction, sipCallId: 's2' }, invitedAt)
  end(busy, 'busy', epochMs(invitedAt + 7500))
  await app.recorded(busy, 2)
  const refused = await begin('east')
  app.emit('consent.given', refused, { given: false, promptVersion: 'v1', language: 'de' })
  end(refused, 'busy')
  await app.recorded(refused, 2)
  await begin('west')
  return { talk }
}

export function recordsContract(t: Test, build: BuildRecords): void {
  t.test('calls are counted by each grouping', async (t) => {
    const app = await build(t)
    await someCalls(app)
    const count = async (groupBy: string) => {
      const response = await app.request(`/api/statistics?time_zone=Asia/Tokyo&group_by=${groupBy}`)
      t.equal(response.status, 200)
      const { items, totals } = (await response.json()) as Counted
      t.match(totals, {
        calls: 4,
        live: 1,
        answered: 1,
        answer_rate: 0.3333,
        outcomes: { answered: 1, busy: 2, failed: 0 },
        ring_seconds: { sum: 10, average: 10 },
        talk_seconds: { sum: 90, average: 90 },
        agent_seconds: 90,
        cost: { amount_minor: 12, currency: 'USD' },
        // 10.5 s to the answer, 7.5 s to the busy one's end, nothing of those without an INVITE.
        guard: { seconds_avoided: 18, amount_minor: 2 },
      })
      return Object.fromEntries(
        items.filter(({ calls }) => calls > 0).map(({ key, calls }) => [String(key), calls]),
      )
    }
    const metric = await sample(app.metrics, 'agent_seconds_avoided_total')
    t.equal(Math.round(metric * 1000) / 1000, 18, 'as the metric has it')
    t.same(Object.values(await count('day')), [4])
    t.same(Object.values(await count('week')), [4])
    t.same(await count('trunk'), { east: 2, west: 2 })
    t.same(await count('agent'), { agent_default: 4 })
    t.same(await count('outcome'), { answered: 1, busy: 2, null: 1 })
    t.same(await count('consent'), { given: 1, refused: 1, 'not-asked': 2 })
  })

  t.test('calls are exported whole, as the list and the transcript show them', async (t) => {
    const app = await build(t)
    const { talk } = await someCalls(app)
    const lines = await (
      await app.request('/api/calls/export?format=ndjson&include=transcript')
    ).text()
    const exported = lines
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { call_id: string; transcript: object | null })
    const listed = (await (await app.request('/api/calls')).json()) as { items: object[] }
    t.same(
      exported.map((line) => ({ ...line, transcript: undefined })),
      listed.items.map((line) => ({ ...line, transcript: undefined })),
    )
    t.match(
      exported.map(({ call_id: callId, transcript }) => callId === talk && transcript),
      [false, false, false, { items: [{ role: 'caller', text: 'Guten Tag' }] }],
    )
    const csv = await (await app.request('/api/calls/export?outcome=busy')).text()
    t.equal(csv.trimEnd().split('\r\n').length, 3)
  })

  t.test('the papers of a call are found', async (t) => {
    const app = await build(t)
    const { talk } = await someCalls(app)
    const response = await app.request(`/api/calls/${talk}/debug`)
    t.equal(response.status, 200)
    t.match(await response.json(), { call: { call_id: talk }, jobs: [], conversations: [] })
  })
}
