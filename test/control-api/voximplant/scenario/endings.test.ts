// Every ending of the generated scenario, run in the simulated VoxEngine: who ended it, how often the agent was opened
// and when, and that exactly one last message tells it.
import t from 'tap'
import { endOf, startSession, type AskedSession, type SessionOptions } from './a-session.ts'

interface Ending extends SessionOptions {
  readonly title: string
  /** How often the agent was asked for. */
  readonly agents: number
  readonly ended: Record<string, unknown>
  /** More of the last message. */
  readonly last?: Record<string, unknown>
  readonly act?: (started: AskedSession) => Promise<void>
  /** The agent is told nothing. */
  readonly silent?: boolean
  /** How many last messages were sent. */
  readonly finals?: number
  readonly accepted?: number
  /** Default: those of an answered call. */
  readonly events?: readonly string[]
}

const ANSWERED = ['started', 'ringing', 'connected', 'agent', 'ended']
const UNANSWERED = ['started', 'ringing', 'ended']
const MARKED = (event: string) => async (started: AskedSession) => {
  await started.heard(event)
  started.hangUp()
}

const ENDINGS: readonly Ending[] = [
  {
    title: 'answered, and the called hangs up',
    phone: { answer: 'yes', talkMs: 4000 },
    agents: 1,
    ended: { outcome: 'answered', by: 'callee', code: 200, duration_seconds: Number, cost: 0.02 },
    last: { agent_close: null },
  },
  {
    title: 'the agent hangs up: its farewell is heard out',
    phone: { answer: 'yes' },
    faults: { agentClosesAfterMs: 3000 },
    agents: 1,
    ended: { outcome: 'answered', by: 'agent', code: 200, reason: 'closed' },
    last: { agent_close: { code: 1000, clean: true } },
  },
  {
    title: 'hung up by us',
    phone: { answer: 'yes' },
    act: MARKED('agent'),
    agents: 1,
    ended: { outcome: 'answered', by: 'api', reason: 'hangup' },
  },
  {
    title: 'hung up by us, and the platform says nothing of it',
    phone: { answer: 'yes' },
    act: MARKED('agent'),
    faults: { hangUpIgnored: true },
    agents: 1,
    ended: { outcome: 'answered', by: 'api', code: null, duration_seconds: null },
  },
  {
    title: 'busy',
    phone: { answer: 'busy' },
    agents: 0,
    events: UNANSWERED,
    ended: { outcome: 'busy', by: 'callee', code: 486 },
  },
  {
    title: 'declined',
    phone: { answer: 'declined' },
    agents: 0,
    events: UNANSWERED,
    ended: { outcome: 'declined', by: 'callee', code: 603 },
  },
  {
    title: 'not answered within the platform’s own 60 s',
    phone: { answer: 'no-answer' },
    exchange: { ring_timeout_seconds: 90 },
    agents: 0,
    events: UNANSWERED,
    ended: { outcome: 'no-answer', by: 'callee', code: 408 },
  },
  {
    title: 'not answered within our ring timeout',
    phone: { answer: 'no-answer' },
    exchange: { ring_timeout_seconds: 5 },
    agents: 0,
    events: UNANSWERED,
    ended: { outcome: 'no-answer', by: 'scenario', code: 487, reason: 'ring timeout' },
  },
  {
    title: 'an invalid number',
    phone: { answer: 'invalid' },
    agents: 0,
    events: ['started', 'ended'],
    ended: { outcome: 'failed', by: 'carrier', code: 404 },
  },
  {
    title: 'canceled by us before the answer',
    phone: { answer: 'no-answer' },
    act: MARKED('ringing'),
    agents: 0,
    events: UNANSWERED,
    ended: { outcome: 'canceled', by: 'api', code: 487 },
  },
  {
    title: 'early media, then no answer',
    phone: { answer: 'no-answer', earlyMedia: true },
    exchange: { ring_timeout_seconds: 10 },
    agents: 0,
    events: UNANSWERED,
    ended: { outcome: 'no-answer', by: 'scenario' },
  },
  {
    title: 'early media, then busy',
    phone: { answer: 'busy', earlyMedia: true, ringMs: 3000 },
    agents: 0,
    events: UNANSWERED,
    ended: { outcome: 'busy', by: 'callee' },
  },
  {
    title: 'early media, then an answer: the agent comes with the answer',
    phone: { answer: 'yes', earlyMedia: true, ringMs: 3000, talkMs: 3000 },
    agents: 1,
    ended: { outcome: 'answered', by: 'callee' },
  },
  {
    title: 'told of the answer twice: the agent is opened once',
    faults: { connectedTwice: true },
    agents: 1,
    ended: { outcome: 'answered', by: 'callee' },
  },
  {
    title: 'a voicemail is hung up before there is an agent',
    phone: { answer: 'voicemail' },
    exchange: { answering_machine: 'gate' },
    agents: 0,
    events: ['started', 'ringing', 'connected', 'ended'],
    ended: { outcome: 'machine', by: 'scenario', reason: 'voicemail' },
    last: { machine: { verdict: 'machine' } },
  },
  {
    title: 'a voicemail that is only detected gets the agent',
    phone: { answer: 'voicemail', talkMs: 5000 },
    exchange: { answering_machine: 'detect' },
    agents: 1,
    ended: { outcome: 'answered', by: 'callee' },
    last: { machine: { verdict: 'machine' } },
  },
  ...(['human', 'timeout', 'error', 'silent'] as const).map((amd): Ending => ({
    title: `gated, and the detector says ${amd}: the agent comes`,
    phone: { answer: 'yes', talkMs: 14_000 },
    exchange: { answering_machine: 'gate' },
    faults: { amd },
    agents: 1,
    ended: { outcome: 'answered', by: 'callee' },
    last: { machine: { verdict: amd === 'human' ? 'human' : 'unknown' } },
  })),
  {
    title: 'gated, and hung up before the verdict',
    phone: { answer: 'yes', talkMs: 500 },
    exchange: { answering_machine: 'gate' },
    agents: 0,
    ended: { outcome: 'answered', by: 'callee' },
    last: { machine: null },
  },
  {
    title: 'the agent is refused',
    phone: { answer: 'yes' },
    faults: { agentRefused: true },
    agents: 1,
    events: ['started', 'ringing', 'connected', 'ended'],
    ended: { outcome: 'answered', by: 'scenario', reason: 'agent' },
    last: { at: { agent_opened: null } },
  },
  {
    title: 'the agent does not come within 10 s',
    phone: { answer: 'yes' },
    faults: { agentNeverOpens: true },
    agents: 1,
    ended: { outcome: 'answered', by: 'scenario', reason: 'agent' },
    last: { at: { agent_opened: null } },
  },
  {
    title: 'the called is gone before the slow agent is there: it is closed at once',
    phone: { answer: 'yes', hangUpWhileOpening: true },
    // The recording keeps the session until the agent is there.
    faults: { agentOpensAfterMs: 1000, recordStoppedNever: true },
    settings: { recording: 'announced' },
    agents: 1,
    silent: true,
    ended: { outcome: 'answered', by: 'callee' },
    last: { conversation_id: null, at: { agent_opened: Number, agent_closed: Number } },
  },
  {
    title: 'the longest duration is over',
    phone: { answer: 'yes' },
    exchange: { max_duration_seconds: 4 },
    agents: 1,
    ended: { outcome: 'answered', by: 'scenario', reason: 'max duration' },
  },
  {
    title: 'inbound: answered, and the caller hangs up',
    inbound: true,
    agents: 1,
    events: ['started', 'connected', 'agent', 'ended'],
    ended: { outcome: 'answered', by: 'caller', code: 200 },
    last: { direction: 'inbound', token: null, call_id: null },
  },
  {
    title: 'inbound: the caller is gone before the answer',
    inbound: true,
    phone: { answer: 'yes', givesUpAfterMs: 5 },
    agents: 0,
    events: ['started', 'ended'],
    ended: { outcome: 'canceled', by: 'caller', code: 487 },
  },
  ...[401, 403, 404, 409].map((status): Ending => ({
    title: `the token is refused with ${status}: nobody is dialled`,
    exchangeStatuses: [status],
    agents: 0,
    events: ['ended'],
    ended: { outcome: 'canceled', by: 'scenario', code: status, reason: 'token' },
    last: { token: 'a-token', call_id: null, to: '' },
  })),
  {
    title: 'the token is asked for again after a 500',
    exchangeStatuses: [500, 200],
    agents: 1,
    ended: { outcome: 'answered', by: 'callee' },
  },
  {
    title: 'the token is asked for twice at most',
    exchangeStatuses: [503],
    agents: 0,
    events: ['ended'],
    ended: { outcome: 'canceled', by: 'scenario', code: 503 },
  },
  {
    title: 'hung up by us while the token is exchanged: nobody is dialled',
    act: async (started) => started.hangUp(),
    agents: 0,
    events: ['ended'],
    ended: { outcome: 'canceled', by: 'api' },
  },
  {
    title: 'our webhook answers after 8 s',
    webhook: () => ({ status: 204, afterMs: 8000 }),
    // So that the 2 s between this and the scenario's patience are long enough on a busy machine.
    pace: 0.3,
    agents: 1,
    ended: { outcome: 'answered', by: 'callee' },
  },
  {
    title: 'our webhook says 500 to all',
    webhook: () => ({ status: 500 }),
    agents: 1,
    finals: 3,
    accepted: 0,
    ended: { outcome: 'answered', by: 'callee' },
  },
  {
    title: 'our webhook takes the last message at its third time',
    webhook: ({ body }, number) => ({ status: body.event === 'ended' && number < 3 ? 502 : 204 }),
    agents: 1,
    finals: 3,
    ended: { outcome: 'answered', by: 'callee' },
  },
  {
    title: 'our webhook never answers',
    webhook: () => 'never',
    agents: 1,
    finals: 3,
    accepted: 0,
    ended: { outcome: 'answered', by: 'callee' },
  },
  {
    title: 'our webhook does not know the application: no repetition',
    webhook: () => ({ status: 404 }),
    agents: 1,
    finals: 1,
    accepted: 0,
    ended: { outcome: 'answered', by: 'callee' },
  },
  {
    title: 'the platform ends the session in the middle of the call',
    phone: { answer: 'yes' },
    act: async (started) => {
      await started.heard('agent')
      started.session.terminate('Insufficient funds')
    },
    agents: 1,
    ended: { outcome: 'answered', by: 'carrier', reason: 'terminated' },
  },
]

const TIMES = ['started', 'ringing', 'connected', 'agent_requested', 'ended'] as const

t.test('every ending', { jobs: 5 }, async (t) => {
  for (const ending of ENDINGS) {
    t.test(ending.title, async (t) => {
      const started = await startSession(t, ending)
      await ending.act?.(started)
      const { session, posts, finals, last, result } = await endOf(started)
      t.equal(session.openings.length, ending.agents, 'how often the agent was opened')
      for (const { callStates, privacy } of session.openings) {
        t.strictSame(callStates, ['connected'], 'by a connected call alone')
        t.ok(privacy, 'nothing of it in the platform’s log')
      }
      for (const { closedAt } of session.openings) {
        if (ending.faults?.agentNeverOpens !== true) t.type(closedAt, 'number', 'and closed')
      }
      if (ending.silent === true) t.strictSame(session.openings[0]?.messages, [])
      t.match(last.ended, ending.ended, 'how it ended', { log: session.log })
      if (ending.last !== undefined) t.match(last, ending.last)
      t.equal(finals.length, ending.finals ?? 1, 'so many last messages')
      t.equal(finals.filter(({ accepted }) => accepted).length, ending.accepted ?? 1, 'accepted')
      const told = finals.map(({ body }) => ({ ...body, seq: 0, sent_at: 0 }))
      for (const other of told) t.strictSame(other, told[0], 'all the same')
      const events = posts.map(({ body }) => body.event).filter((event) => event !== undefined)
      const awaited = ending.events ?? ANSWERED
      // One may be left out, for the next one says the same and more.
      const inOrder = awaited.filter((event) => events.includes(event))
      const unanswered = finals.length - 1
      t.strictSame(events.slice(0, events.length - unanswered), inOrder, 'each once, in order')
      t.ok(posts.length <= 30, 'fewer requests than the platform allows')
      t.ok(
        posts.every(({ isSigned }) => isSigned),
        'all signed',
      )
      t.ok(
        posts.every(({ query }) => query === '?application=vap_0123456789abcdef01234567'),
        'for this application',
      )
      t.notOk(
        posts.some(({ text }) => /[^\x20-\x7e]/.test(text)),
        'ASCII alone',
      )
      const times = TIMES.map((name) => last.at[name]).filter((time) => time !== null)
      t.strictSame(
        times,
        times.toSorted((a, b) => a - b),
        'in their order',
      )
      const { log } = session
      t.notMatch(
        log.join('\n'),
        /\+?4930|a-token|a-signing-key|an-agent-key/,
        'no secrets in the log',
      )
      const reason =
        ending.ended['reason'] === 'terminated' ? 'Insufficient funds' : 'Normal termination'
      t.equal(result.finishReason, reason)
      t.equal(result.httpRequests, posts.length)
    })
  }
})

t.test('a refused connection: tried three times, and then the session ends', async (t) => {
  const started = await startSession(t, { refused: true })
  const { result, session, posts } = await endOf(started)
  t.equal(result.finishReason, 'Normal termination')
  t.equal(posts.length, 0)
  // Two for the token, three for the end.
  t.equal(result.httpRequests, 5)
  t.strictSame(result.calls, [], 'nobody was dialled')
  t.equal(session.openings.length, 0)
})
