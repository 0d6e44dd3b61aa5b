// Ladder, report and JSON as pure functions of a call made by hand.
import t from 'tap'
import { epochMs } from '../../core/contracts/index.ts'
import { costOf } from '../../rehearsal/cost.ts'
import { drawLadder, rungsOf } from '../../rehearsal/ladder.ts'
import { COLOURED, PLAIN, renderScenario, renderSummary } from '../../rehearsal/report.ts'
import { judge, sumUp, toJson } from '../../rehearsal/result.ts'
import { aBusyTake, aSession, aTake, EXPECTED, T0 } from './a-take.ts'

const good = judge(EXPECTED, aTake(), 0.08)
const bad = judge(EXPECTED, aBusyTake(), 0.08)
const run = {
  startedAt: '2026-11-20T12:00:00.000Z',
  durationSeconds: 8,
  pricePerMinute: 0.08,
  failures: [],
}

t.test('the ladder tells the call in order, each message in its lane', async (t) => {
  const rungs = rungsOf(aTake())
  t.strictSame(
    rungs.map(({ offsetMs, label }) => `${offsetMs} ${label}`),
    [
      '0 INVITE + SDP',
      '200 180 Ringing',
      '210 TCP (nothing billable)',
      '212 agent prewarmed in 8.0 ms, not opened',
      '1000 200 OK + SDP',
      '1002 ACK',
      '1005 upgrade request',
      '1007 initiation data',
      '1020 RTP begins',
      '1045 101, metadata',
      '1046 caller audio begins',
      '1195 agent audio begins',
      '6990 last RTP',
      '7000 BYE',
      '7003 200 OK (BYE)',
      '7005 call ended: success/hangup by callee',
      '7008 close 1000',
    ],
  )
  const lines = drawLadder(rungs)
  t.match(
    lines[1],
    /^ +\+0\.0 {2}│◀─+ INVITE \+ SDP ─+│ +│$/,
    'received by the carrier: to the left',
  )
  t.match(lines[2], /│─+ 180 Ringing ─+▶│ +│$/)
  t.match(lines[7], /│ +│─+ upgrade request ─+▶│$/)
  t.match(lines[16], /│ +│ · call ended: success\/hangup by callee$/)
  for (const line of lines) t.ok(line.length <= 100, 'fits in 100 columns', { line })
})

t.test('the ladder shows keys, what the agent was told and messages; never a digit', async (t) => {
  const told = (offsetMs: number, type: string, fields = {}) => ({
    at: T0 + offsetMs,
    type,
    fields,
  })
  const timeline = [
    told(2000, 'dtmf', { source: 'sip-info', duration_ms: 160 }),
    told(2100, 'dtmf', { source: 'rtp', duration_ms: 100 }),
    told(2200, 'agent.user_transcript', { text: '[keys]' }),
    told(3000, 'agent.user_transcript', { text: 'Yes, 7 of them.' }),
    told(4000, 'prompt.started', { prompt_id: 'farewell' }),
  ]
  const notes = rungsOf(aTake({ timeline })).filter(({ direction }) => direction === 'note')
  t.strictSame(
    notes.map(({ offsetMs, label }) => `${offsetMs} ${label}`),
    [
      '2000 key pressed (INFO)',
      '2100 key pressed (RTP)',
      '2200 the agent was told of keys',
      '3000 the agent understood the caller',
      '4000 a message to the caller plays',
    ],
  )
})

t.test('a second attempt is named before its upgrade request', async (t) => {
  const again = aSession({ upgradeAt: epochMs(T0 + 1300), connectionAt: epochMs(T0 + 1290) })
  const labels = rungsOf(aTake({ sessions: [aSession(), again] })).map(({ label }) => label)
  t.strictSame(
    labels.filter((label) => /attempt|upgrade/.test(label)),
    ['upgrade request', 'second attempt', 'upgrade request'],
  )
})

t.test('no number and no address gets into the ladder', async (t) => {
  t.notMatch(drawLadder(rungsOf(aTake())).join('\n'), /4930|127\.0/)
})

t.test('without a call there is no ladder', async (t) => {
  t.strictSame(drawLadder(rungsOf(aTake({ carrier: null }))), [])
})

t.test('a block says what was found, in words and figures', async (t) => {
  const text = renderScenario(good, PLAIN)
  t.match(text, /^fixture ─+ PASS\n {2}Made by hand\.\n/)
  t.match(text, /agent seconds before answer +0\.000\n/)
  t.match(text, /agent seconds after hang-up +0\.008 \(goal < 0\.02, fails beyond 1\)\n/)
  t.match(text, /200 OK → agent open +5\.0 ms\n/)
  t.match(text, /agent audio → RTP +5\.0 ms\n/)
  t.match(text, /gaps over 20 ms +phone 0, agent 0\n/)
  t.match(text, /cost, agent opened at INVITE +\$0\.0093 \(7\.0 s\)\n/)
  t.match(text, /cost here +\$0\.0080 \(6\.0 s\)\n/)
  for (const line of text.split('\n')) t.ok(line.length <= 100, 'fits in 100 columns', { line })
  t.match(renderScenario(bad, PLAIN), /FAIL\n.*\n {2}✗ outcome busy instead of answered\n/)
})

t.test('colour is only where it was asked for', async (t) => {
  t.notMatch(renderScenario(bad, PLAIN), '\u001b')
  t.match(renderScenario(bad, COLOURED), '\u001b[31mFAIL')
})

t.test('the summary has a line a scenario, the sums and the money saved', async (t) => {
  const text = renderSummary(sumUp(run, [good, bad]), PLAIN)
  t.match(text, /^fixture +PASS +0\.000 +0\.008 +5\.0 +5\.0 +0\.0093 +0\.0080 +0\.0013$/m)
  t.match(text, /^total +0\.0097 +0\.0080 +0\.0017$/m)
  t.match(text, /^1 of 2 scenarios passed in 8 s\.$/m)
  t.match(text, /saved \$0\.0017 of \$0\.0097 at \$0\.08 a minute\.$/)
  for (const line of text.split('\n')) t.ok(line.length <= 100, 'fits in 100 columns', { line })
})

t.test('what no scenario is to blame for fails the run all the same', async (t) => {
  const result = sumUp({ ...run, failures: ['connections to the agent left open: 1'] }, [good])
  t.equal(result.passed, false)
  t.match(renderSummary(result, PLAIN), /✗ connections to the agent left open: 1/)
})

t.test('the JSON has the documented shape', async (t) => {
  const json = JSON.parse(JSON.stringify(toJson(sumUp(run, [good, bad])))) as Record<
    string,
    unknown
  >
  t.match(json, {
    format: 1,
    started_at: '2026-11-20T12:00:00.000Z',
    duration_seconds: 8,
    passed: false,
    price_per_minute: 0.08,
    currency: 'USD',
    failures: [],
    total: { here: Number, opened_at_invite: Number, saved: Number },
  })
  const [first, second] = json['scenarios'] as Record<string, unknown>[]
  t.strictSame(Object.keys(first ?? {}), [
    'name',
    'passed',
    'failures',
    'notes',
    'outcome',
    'figures',
    'cost',
    'ladder',
  ])
  t.strictSame(first?.['figures'], {
    agent_sessions: 1,
    agent_seconds: 6.003,
    agent_seconds_before_answer: 0,
    agent_seconds_after_hang_up: 0.008,
    answer_to_agent_ms: 5,
    agent_audio_to_rtp_ms: 5,
    caller_gaps: { count: 0, longest_ms: 0, excused: 0 },
    agent_gaps: { count: 0, longest_ms: 0, excused: 0 },
    seconds_from_invite: 7.008,
  })
  t.strictSame((first!['ladder'] as unknown[])[0], {
    offset_ms: 0,
    lane: 'carrier-gateway',
    direction: 'left',
    label: 'INVITE + SDP',
  })
  t.match(second, { passed: false, outcome: 'busy', figures: { answer_to_agent_ms: null } })
})

t.test('a minute costs the price of a minute', async (t) => {
  t.strictSame(costOf({ agentSeconds: 60, secondsFromInvite: 90 }, 0.1), {
    here: 0.1,
    openedAtInvite: 0.15000000000000002,
    saved: 0.05000000000000002,
  })
})
