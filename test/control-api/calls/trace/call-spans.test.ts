// The events of a call as the spans of its trace: what is told, what never is, and that it stays small.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { traceCalls, type CallSpansDeps } from '../../../../control-api/calls/trace/call-spans.ts'
import { TOLD } from '../../../../control-api/calls/trace/told-spans.ts'
import type { CallRow } from '../../../../control-api/db/schema.ts'
import {
  ms,
  newCallId,
  termination,
  type CallEvent,
  type CallId,
} from '../../../../core/contracts/index.ts'
import { createCallEventBus } from '../../../../core/events/index.ts'
import {
  NO_TRACING,
  type SpanAttributes,
  type SpanEnd,
  type SpanStart,
  type TraceSpan,
  type Tracing,
} from '../../../../core/telemetry/index.ts'
import * as story from '../../../support/call-story.ts'

class ToldSpan implements TraceSpan {
  readonly name: string
  readonly start: SpanStart
  readonly children: ToldSpan[] = []
  readonly notes: string[] = []
  readonly links: string[] = []
  attributes: SpanAttributes
  ended: SpanEnd | undefined

  constructor(name: string, start: SpanStart = {}) {
    this.name = name
    this.start = start
    this.attributes = start.attributes ?? {}
  }

  begin(name: string, start?: SpanStart): ToldSpan {
    const child = new ToldSpan(name, start)
    this.children.push(child)
    return child
  }
  set(attributes: SpanAttributes): void {
    this.attributes = { ...this.attributes, ...attributes }
  }
  note(name: string, _at: unknown, attributes: SpanAttributes = {}): void {
    const told = Object.entries(attributes).map(([key, value]) => ` ${key}=${value}`)
    this.notes.push(name + told.join(''))
  }
  link({ spanId }: { readonly spanId: string }): void {
    this.links.push(spanId)
  }
  end(end: SpanEnd = {}): void {
    if (this.ended) throw new Error(`${this.name} ended twice`)
    this.ended = end
    this.set(end.attributes ?? {})
  }

  /** In milliseconds of the call. */
  lines(depth = ''): string[] {
    const at = (time: number | undefined) => (time === undefined ? '?' : time - story.ZERO)
    const end = this.ended
      ? `${at(this.ended.at)}${this.ended.failed === true ? ' failed' : ''}`
      : '…'
    const mine = `${depth}${this.name} ${at(this.start.at)}-${end}`
    return [mine, ...this.children.flatMap((child) => child.lines(`${depth}  `))]
  }
}

function build(
  row: Partial<CallRow> = {},
  limits: Partial<Pick<CallSpansDeps, 'maxCalls' | 'outlivesBy'>> = {},
) {
  const roots: ToldSpan[] = []
  const tracing: Tracing = {
    ...NO_TRACING,
    ratio: 1,
    beginCall: (_callId, start) => {
      const root = new ToldSpan('call', start)
      roots.push(root)
      return root
    },
  }
  const events = createCallEventBus((error) => t.fail(String(error)))
  const known = {
    ...{ status: 'dialing', direction: 'outbound', provider: 'sip', trunk: 'one', attempt: 1 },
    ...{ retry_of: null, answered_at: null, ...row },
  } as CallRow
  const find = () => known
  const stop = traceCalls({ events, tracing, find, ...limits })
  const tell = (told: readonly CallEvent[]): void => told.forEach((one) => events.publish(one))
  return { roots, tell, stop, lines: () => roots.flatMap((root) => root.lines()) }
}

t.test('a talk, from the INVITE to the last of the agent', async (t) => {
  const { tell, lines, roots } = build()
  tell([
    ...story.BEGUN,
    story.at(4100, 'agent.tool_called', { toolName: 'a', toolCallId: '1' }),
    story.at(4200, 'agent.tool_called', { toolName: 'b', toolCallId: '2' }),
    story.at(4300, 'agent.tool_answered', {
      ...{ toolName: 'a', toolCallId: '1', isError: true, elapsedMs: 200 },
    }),
    story.bye(5000),
    story.ended(5010),
  ])
  t.same(lines(), [
    'call 0-…',
    '  sip.invite 0-1000',
    '  agent.session 1005-…',
    '    agent.tool 4100-4300 failed',
    '    agent.tool 4200-5010',
  ])
  tell([story.closed(5040, 'call-ended')])
  t.same(lines().slice(0, 3), ['call 0-5010', '  sip.invite 0-1000', '  agent.session 1005-5040'])
  const [root] = roots
  t.same(root?.attributes, {
    'voicegate.call_id': 'call_00000000000000000000000000000001',
    'voicegate.direction': 'outbound',
    'voicegate.provider': 'sip',
    'voicegate.trunk': 'one',
    'voicegate.attempt': 1,
    'voicegate.outcome': 'answered',
    'voicegate.termination.result': 'success',
    'voicegate.termination.reason': 'hangup',
    'voicegate.termination.by': 'caller',
  })
  t.same(root?.notes, ['media.first_packet_in', 'sip.bye voicegate.direction=received'])
  t.same(root?.children[0]?.notes, [
    'sip.provisional voicegate.sip_status=180 voicegate.early_media=false',
  ])
  t.same(root?.children[1]?.notes, ['agent.opened', 'agent.first_audio'])
})

t.test(
  'each trunk that is tried is a span, and the root says which it was in the end',
  async (t) => {
    const { tell, lines, roots } = build()
    const trunk = (ms: number, name: string) =>
      story.at(ms, 'sip.invite', { direction: 'outbound', sipCallId: 's', trunk: name })
    tell([
      trunk(0, 'one'),
      story.at(30, 'sip.failed', { sipStatus: 503, detail: '+49 30 1234567', nextTrunk: 'two' }),
      trunk(40, 'two'),
      story.at(90, 'sip.failed', { sipStatus: 486 }),
      story.at(95, 'call.ended', {
        termination: termination('upstream_error', 'rejected', 'carrier', 486),
      }),
    ])
    t.same(lines(), ['call 0-95 failed', '  sip.invite 0-30 failed', '  sip.invite 40-90 failed'])
    t.match(roots[0]?.attributes, { 'voicegate.trunk': 'two', 'voicegate.sip_status': 486 })
    t.notMatch(JSON.stringify(roots), '1234567')
  },
)

t.test('a transfer, questions of the menu and a recording', async (t) => {
  const { tell, lines } = build({ direction: 'inbound' })
  const question = { step: 'consent', attempt: 1, language: 'de', promptVersion: '1' } as const
  tell([
    story.invite(0, 'inbound'),
    story.answered(10),
    story.at(20, 'recording.started', {}),
    story.at(30, 'flow.asked', question),
    story.at(40, 'flow.answered', {
      step: 'consent',
      attempt: 1,
      answer: 'yes',
      digits: '1234567',
    }),
    story.at(50, 'transfer.requested', { to: '+4930555', by: 'flow', mode: 'bridge' }),
    story.at(60, 'transfer.failed', { detail: 'busy', sipStatus: 486 }),
    story.at(70, 'transfer.requested', { to: '+4930555', by: 'flow', mode: 'bridge' }),
    story.at(80, 'transfer.answered', { dialog: null }),
    story.ended(100),
    story.at(120, 'recording.stored', { key: 'k', bytes: 1, sha256: 's', durationMs: 80 }),
  ])
  t.same(lines(), [
    'call 0-100',
    '  sip.invite 0-10',
    '  recording 20-120',
    '  flow.question 30-40',
    '  transfer 50-60 failed',
    '  transfer 70-100',
  ])
})

t.test('a second attempt of the agent is a second session', async (t) => {
  const { tell, lines } = build()
  const failed = { attempt: 1, closeCode: 1011, detail: 'x', seconds: 1 }
  tell([
    story.invite(0),
    story.answered(10),
    story.attempted(20),
    story.at(30, 'agent.attempt_failed', failed),
    story.attempted(40),
    story.closed(50, 'refused'),
    story.ended(60, 'agent-refused'),
  ])
  t.same(lines().slice(2), ['  agent.session 20-30 failed', '  agent.session 40-50 failed'])
})

t.test('a call that is tried again is linked to the first', async (t) => {
  const { tell, roots } = build({ retry_of: 'call_00000000000000000000000000000abc', attempt: 2 })
  tell([story.invite(0)])
  t.match(roots[0], { links: ['0000000000000abc'], attributes: { 'voicegate.attempt': 2 } })
})

t.test('of a call that had ended nothing is begun', async (t) => {
  const { tell, roots } = build({ status: 'ended' })
  tell([story.closed(0, 'gateway-crashed')])
  t.same(roots, [])
})

t.test('off it does not even listen', async (t) => {
  const events = createCallEventBus(() => undefined)
  let listeners = 0
  const counted = {
    ...events,
    subscribe: () => {
      listeners += 1
      return () => undefined
    },
  }
  traceCalls({ events: counted, tracing: NO_TRACING, find: () => undefined })()
  t.equal(listeners, 0)
})

t.test('calls that never end are let go, the oldest first; and at the end all', async (t) => {
  const { tell, roots, stop } = build({}, { maxCalls: 3 })
  const inviteOf = (callId: CallId): CallEvent => ({ ...story.invite(0), callId })
  for (let count = 0; count < 5; count += 1) tell([inviteOf(newCallId())])
  t.same(
    roots.map(({ ended }) => ended !== undefined),
    [true, true, false, false, false],
  )
  t.match(roots[0]?.attributes, { 'voicegate.unfinished': true })
  stop()
  t.ok(roots.every(({ ended, children }) => ended && children.every((child) => child.ended)))
})

t.test('a call whose recording never tells its end is let go after a while', async (t) => {
  const { tell, roots, lines } = build({}, { outlivesBy: ms(100) })
  tell([story.invite(0), story.at(20, 'recording.started', {}), story.ended(100)])
  t.equal(roots[0]?.ended, undefined, 'waited for')
  await sleep(250)
  t.match(lines(), ['call 0-100', /sip.invite/, '  recording 20-?'])
  t.match(roots[0]?.children.at(-1)?.attributes, { 'voicegate.unfinished': true })
  t.notOk('voicegate.unfinished' in (roots[0]?.attributes ?? {}), 'the call itself has ended')
})

t.test('an agent that asks for tools without end fills nothing', async (t) => {
  const { tell, roots } = build()
  tell([story.invite(0), story.answered(1), story.attempted(2)])
  for (let count = 0; count < 2000; count += 1) {
    const tool = { toolName: 'a', toolCallId: String(count) }
    tell([story.at(count + 3, 'agent.tool_called', tool)])
  }
  t.equal(roots[0]?.children[1]?.children.length, 498)
})

/** Fields that say who somebody is, what they said, or what others wrote. */
const NEVER = ['to', 'from', 'text', 'digits', 'digit', 'detail', 'note', 'key', 'sipCallId']

t.test('the table names no field that says who or what', async (t) => {
  for (const [type, { fields = [] }] of Object.entries(TOLD))
    t.same(
      fields.filter((field) => NEVER.includes(field)),
      [],
      type,
    )
})

t.test('a number in a name is masked', async (t) => {
  const { tell, roots } = build()
  const toolName = `call_${'x'.repeat(100)} +49 30 123 45 67 89 0`
  tell([
    story.invite(0),
    story.attempted(1),
    story.at(2, 'agent.tool_called', { toolName, toolCallId: '+49301234567' }),
    story.at(3, 'sip.invite', { direction: 'outbound', sipCallId: 's', trunk: '+493012345678' }),
  ])
  t.notMatch(JSON.stringify(roots[0]?.children.map(({ attributes }) => attributes)), /30.?123/)
})
