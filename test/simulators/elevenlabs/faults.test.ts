// Tools, words in parts, keys, and everything that goes wrong on purpose.
import { setTimeout as sleepFor } from 'node:timers/promises'
import t from 'tap'
import { loadSpeech, toneUlaw } from '../../../simulators/speech/index.ts'
import { converse, eventually, join, startVendor } from './join-agent.ts'

const BEEP = { sound: { toneHz: 440, lengthMs: 100 } } as const
const QUIET = { firstMessage: null } as const

t.test('a tool that expects an answer waits for it, and goes on with it', async (t) => {
  const tool = { name: 'look_up', parameters: { order: 'A17' }, afterMs: 20, onResult: BEEP }
  const { vendor, peer } = await converse(t, { ...QUIET, tools: [tool] })
  await eventually('the call', () => peer.of('client_tool_call').length === 1)
  const called = peer.of('client_tool_call')[0]!['client_tool_call']!
  t.match(called, {
    tool_name: 'look_up',
    parameters: { order: 'A17' },
    expects_response: true,
    tool_call_id: String,
    event_id: Number,
  })
  await sleepFor(100)
  t.equal(peer.of('agent_response').length, 0)
  const answer = { type: 'client_tool_result', tool_call_id: called['tool_call_id'] }
  peer.send({ ...answer, result: 'two', is_error: false })
  await eventually('the answer', () => peer.of('agent_response').length === 1)
  t.match(vendor.sessions[0]?.toolCalls, [
    { name: 'look_up', result: 'two', isError: false, timedOut: false, answeredAt: Number },
  ])
})

t.test(
  'without an answer the agent goes on after its timeout; a late one changes nothing',
  async (t) => {
    const tool = { name: 'slow', afterMs: 0, timeoutMs: 80, onResult: BEEP, onTimeout: BEEP }
    const { vendor, peer } = await converse(t, { ...QUIET, tools: [tool] })
    await eventually('the error line', () => peer.of('agent_response').length === 1)
    const { toolCallId } = vendor.sessions[0]!.toolCalls[0]!
    peer.send({ type: 'client_tool_result', tool_call_id: toolCallId, result: 'late' })
    await sleepFor(150)
    t.equal(peer.of('agent_response').length, 1)
    t.match(vendor.sessions[0]?.toolCalls, [{ timedOut: true, result: 'late' }])
  },
)

t.test('a tool that expects no answer waits for none', async (t) => {
  const tool = { name: 'note', afterMs: 0, expectsResponse: false, timeoutMs: 20, onTimeout: BEEP }
  const { vendor, peer } = await converse(t, { ...QUIET, tools: [tool] })
  await eventually('the call', () => peer.of('client_tool_call').length === 1)
  await sleepFor(100)
  t.equal(peer.of('agent_response').length, 0)
  t.match(vendor.sessions[0]?.toolCalls, [{ timedOut: false, answeredAt: null }])
})

t.test('a result that is no string ends it with value_error', async (t) => {
  const { peer } = await converse(t, QUIET)
  peer.send({ type: 'client_tool_result', tool_call_id: 'tc_1', result: { a: 1 } })
  t.match(await peer.closed, { code: 1008 })
  t.match(peer.of('error')[0], { error_event: { error_type: 'value_error' } })
})

t.test('a user message is answered; context and activity are not, but kept', async (t) => {
  const { vendor, peer } = await converse(t, { ...QUIET, replyDelayMs: 0 })
  peer.send({ type: 'contextual_update', text: 'pressed 1' })
  peer.send({ type: 'user_activity' })
  await sleepFor(150)
  t.equal(peer.of('agent_response').length, 0)
  peer.send({ type: 'user_message', text: '2' })
  await eventually('the answer', () => peer.of('agent_response').length === 1)
  t.match(vendor.sessions[0]?.otherMessages, [
    { type: 'contextual_update', text: 'pressed 1' },
    { type: 'user_activity' },
    { type: 'user_message', text: '2' },
  ])
})

t.test('words come in parts while the caller speaks, then settled', async (t) => {
  const { peer } = await converse(t, {
    ...QUIET,
    tentativeTranscripts: true,
    turnEndSilenceMs: 200,
  })
  const said = loadSpeech('caller-question')
  for (let at = 0; at < said.length; at += 800) {
    peer.hear(said.subarray(at, at + 800))
    await sleepFor(50)
  }
  t.ok(peer.of('tentative_user_transcript').length >= 2)
  t.equal(peer.of('user_transcript').length, 0)
  peer.hear(Buffer.alloc(2400, 0xff))
  await eventually('the settled words', () => peer.of('user_transcript').length === 1)
  const before = peer.of('tentative_user_transcript').length
  await sleepFor(600)
  t.equal(peer.of('tentative_user_transcript').length, before)
})

t.test('a correction follows an interruption, unless the agent makes none', async (t) => {
  for (const corrects of [true, false]) {
    const { peer } = await converse(t, { corrects })
    await eventually('the greeting', () => peer.of('agent_response').length === 1)
    peer.hear(toneUlaw(300, 300))
    await eventually('the interruption', () => peer.of('interruption').length === 1)
    await sleepFor(50)
    t.equal(peer.of('agent_response_correction').length, corrects ? 1 : 0)
  }
})

t.test('keys may be asked for', async (t) => {
  const { peer } = await converse(t, { ...QUIET, dtmfRequest: { afterMs: 10, digits: '12#' } })
  await eventually('the request', () => peer.of('dtmf_request').length === 1)
  t.match(peer.of('dtmf_request')[0], { dtmf_request_event: { digits: '12#' } })
})

t.test('the first attempts fail, then it works: by status, by close, by reset', async (t) => {
  for (const status of [401, 403, 404, 429, 500, 503]) {
    const { vendor, url } = await startVendor(t, { refuse: { how: 'http', status }, failFirst: 1 })
    t.match(await join(t, url).closed, { code: 1006 })
    const second = join(t, url)
    await eventually('metadata', () => second.messages.length > 0)
    t.strictSame(
      vendor.sessions.map(({ httpStatus }) => httpStatus),
      [status, 101],
    )
  }
  for (const code of [1002, 1008, 1011, 3000]) {
    const refuse = { how: 'close', code, reason: 'as the script says' } as const
    const { url } = await startVendor(t, { refuse, failFirst: 2 })
    t.match(await join(t, url).closed, { code })
    t.match(await join(t, url).closed, { code })
    const third = join(t, url)
    await eventually('metadata', () => third.messages.length > 0)
  }
  const { url } = await startVendor(t, { dropAfterMs: 30, failFirst: 1 })
  t.match(await join(t, url).closed, { code: 1006 })
  const works = join(t, url)
  await eventually('the greeting', () => works.of('agent_response').length === 1)
})

t.test('refused once, then dropped: the two are counted apart', async (t) => {
  const refuse = { how: 'close', code: 1011, reason: '' } as const
  const { url } = await startVendor(t, { refuse, failFirst: 1, dropAfterMs: 100 })
  t.match(await join(t, url).closed, { code: 1011 })
  const second = join(t, url)
  t.match(await second.closed, { code: 1006 })
  t.ok(second.messages.length > 0)
})

t.test('an agent that needs variables waits for a slow client, not for ever', async (t) => {
  const needy = { requiredVariables: ['name'] }
  const { peer: slow } = await converse(t, needy)
  await sleepFor(100)
  slow.send({
    type: 'conversation_initiation_client_data',
    dynamic_variables: { name: 'Jürgen' },
  })
  await eventually('the greeting', () => slow.of('agent_response').length === 1)
  const { peer: silent } = await converse(t, needy)
  t.match(await silent.closed, { code: 1008, reason: /Missing required dynamic variables/u })
})

t.test('a queue that takes too long ends with 4300', async (t) => {
  const { peer } = await converse(t, { queue: { waitMs: 30, outcome: 'timed_out' } })
  t.match(await peer.closed, { code: 4300 })
  t.strictSame(
    peer.of('queue_status').map((m) => m['queue_status_event']!['status']),
    ['waiting', 'timed_out'],
  )
})

t.test(
  'more conversations than allowed are refused, and taken again when one has ended',
  async (t) => {
    const { vendor, url } = await startVendor(t, QUIET, { maxSessions: 1 })
    const first = join(t, url)
    await eventually('metadata', () => first.messages.length > 0)
    t.match(await join(t, url).closed, { code: 1006 })
    t.equal(vendor.sessions[1]?.httpStatus, 429)
    first.socket.close(1000)
    await first.closed
    await sleepFor(20)
    const third = join(t, url)
    await eventually('metadata', () => third.messages.length > 0)
  },
)

t.test('the first audio may be slow, an answer may come at once', async (t) => {
  const { peer } = await converse(t, { slowFirstAudioMs: 400, burstSpeed: Infinity })
  const openedAt = performance.now()
  await eventually('the greeting', () => peer.of('agent_response').length === 1)
  const chunks = peer.of('audio')
  t.ok(chunks[0]!.at - openedAt > 300)
  t.ok(chunks.at(-1)!.at - chunks[0]!.at < 250, 'all of it at once')
})

t.test('a silent agent hears and says nothing', async (t) => {
  const { peer } = await converse(t, { ...QUIET, mode: 'silent', turnEndSilenceMs: 100 })
  peer.hear(toneUlaw(300, 300))
  peer.hear(Buffer.alloc(1600, 0xff))
  await eventually('the transcript', () => peer.of('user_transcript').length === 1)
  await sleepFor(400)
  t.equal(peer.of('audio').length, 0)
})
