// Recording in the generated scenario: never before the announcement or key 1, and the agent comes after both.
import t from 'tap'
import { endOf, startSession, type EndedSession, type SessionOptions } from './a-session.ts'

const session = async (t: Parameters<typeof startSession>[0], options: SessionOptions) =>
  endOf(await startSession(t, options))

/** The moments of the last message in order, and what of the call is on the record. */
const momentsOf = ({ last }: EndedSession): readonly string[] =>
  Object.entries({
    connected: last.at.connected,
    consent: last.consent?.at ?? null,
    recording: last.at.recording,
    agent: last.at.agent_requested,
    ended: last.at.ended,
  })
    .filter(([, at]) => at !== null)
    .toSorted(([, a], [, b]) => Number(a) - Number(b))
    .map(([name]) => name)

t.test('recording is off: nothing is said, nothing recorded', async (t) => {
  const ended = await session(t, { settings: { recording: 'off' } })
  t.equal(ended.last.consent, null)
  t.equal(ended.last.recording_url, null)
  t.strictSame(ended.result.records, [])
  t.equal(ended.last.ended?.record_cost, null)
})

t.test('announced: recorded from the announcement on, and then the agent', async (t) => {
  const ended = await session(t, {
    settings: { recording: 'announced' },
    phone: { answer: 'yes', talkMs: 6000 },
  })
  t.strictSame(momentsOf(ended), ['connected', 'consent', 'recording', 'agent', 'ended'])
  t.match(ended.last.consent, { given: true, prompt: 'announcement', language: 'de' })
  t.equal(ended.last.recording_url, 'https://records.example/1.mp3')
  t.equal(ended.last.ended?.record_cost, 0.004, 'told by what stopped after the call')
  t.equal(ended.result.records.length, 1)
})

t.test('an announcement that never ends keeps nobody from the agent', async (t) => {
  const ended = await session(t, {
    settings: { recording: 'announced' },
    phone: { answer: 'yes', talkMs: 14_000 },
    faults: { sayNeverFinishes: true },
  })
  t.equal(ended.session.openings.length, 1)
})

t.test('consent by key 1, also while the question is asked', async (t) => {
  const ended = await session(t, {
    settings: { recording: 'consent' },
    phone: { answer: 'yes', digits: '91', talkMs: 8000 },
  })
  t.strictSame(momentsOf(ended), ['connected', 'consent', 'recording', 'agent', 'ended'])
  t.match(ended.last.consent, { given: true, prompt: 'question', language: 'de' })
  t.equal(ended.result.records.length, 1)
})

for (const [title, digits] of [
  ['key 2', '21'],
  ['silence', ''],
  ['keys that mean nothing', '93#'],
] as const) {
  t.test(`${title}: not recorded, and the agent comes all the same`, async (t) => {
    const ended = await session(t, {
      settings: { recording: 'consent' },
      phone: { answer: 'yes', digits, talkMs: 25_000 },
    })
    t.strictSame(momentsOf(ended), ['connected', 'consent', 'agent', 'ended'])
    t.match(ended.last.consent, { given: false, prompt: 'question' })
    t.strictSame(ended.result.records, [])
    t.equal(ended.session.openings.length, 1)
  })
}

t.test('hung up during the question: no agent, no record, no consent', async (t) => {
  const ended = await session(t, {
    settings: { recording: 'consent' },
    phone: { answer: 'yes', talkMs: 1000 },
  })
  t.strictSame(momentsOf(ended), ['connected', 'ended'])
  t.equal(ended.session.openings.length, 0)
  t.match(ended.last.ended, { outcome: 'answered', by: 'callee' })
})

t.test('a recording that fails is no reason to end the call', async (t) => {
  const ended = await session(t, {
    settings: { recording: 'announced' },
    phone: { answer: 'yes', talkMs: 6000 },
    faults: { recordError: true },
  })
  t.equal(ended.last.recording_url, null)
  t.match(ended.last.ended, { outcome: 'answered', by: 'callee', record_cost: null })
})

t.test('a recording that never says that it stopped is waited for 3 s at most', async (t) => {
  const ended = await session(t, {
    settings: { recording: 'announced' },
    phone: { answer: 'yes', talkMs: 6000 },
    faults: { recordStoppedNever: true },
  })
  t.equal(ended.last.recording_url, 'https://records.example/1.mp3')
  t.equal(ended.last.ended?.record_cost, null)
  t.equal(ended.finals.length, 1)
})
