// What the generated scenario tells its agent, and does for it; once with the simulated ElevenLabs at the other end.
import t from 'tap'
import { startElevenLabs } from '../../../../simulators/elevenlabs/index.ts'
import { endOf, startSession } from './a-session.ts'

t.test('the initiation data come first, before anyone is heard', async (t) => {
  const { session } = await endOf(
    await startSession(t, {
      exchange: { conversation_config_override: { agent: { language: 'de' } } },
    }),
  )
  const [opening] = session.openings
  t.match(opening, { agentId: 'agent_outbound', privacy: true, includeConversationId: true })
  t.strictSame(opening?.messages, [
    {
      type: 'conversation_initiation_client_data',
      data: {
        dynamic_variables: { name: 'Jürgen' },
        conversation_config_override: { agent: { language: 'de' } },
      },
      isJoined: false,
    },
  ])
})

t.test('inbound: the application’s own agent and variables', async (t) => {
  const { session, last } = await endOf(await startSession(t, { inbound: true }))
  const [opening] = session.openings
  t.equal(opening?.agentId, 'agent_inbound')
  t.strictSame(opening?.messages[0]?.data, { dynamic_variables: { shop: 'Café' } })
  t.match(last, { from: '+4930231250001', to: '+4930231250000', conversation_id: /^conv_/ })
  const { customData } = await session.over
  t.strictSame(JSON.parse(customData), { c: last.conversation_id }, 'and the history has it')
})

t.test('outbound: the token stays beside the conversation in the history', async (t) => {
  const { session, last } = await endOf(await startSession(t, {}))
  const { customData } = await session.over
  t.strictSame(JSON.parse(customData), { t: last.token, c: last.conversation_id })
})

t.test('an interruption throws away what is buffered; a tool call gets an error', async (t) => {
  const faults = { agentInterrupted: true, agentCallsTool: true }
  const { session, last } = await endOf(await startSession(t, { faults }))
  const [opening] = session.openings
  t.equal(opening?.clears, 1)
  t.match(opening?.messages[1], {
    type: 'client_tool_result',
    data: { tool_call_id: 'tool_1', result: /./, is_error: true },
  })
  t.match(last.ended, { by: 'callee' }, 'and the conversation goes on')
})

t.test('an agent over its real socket hears, speaks and hangs up', async (t) => {
  const vendor = await startElevenLabs({ apiKey: 'an-agent-key' })
  t.teardown(() => vendor.close())
  vendor.script('agent_outbound', {
    inputFormat: 'pcm_16000',
    outputFormat: 'pcm_16000',
    pingEveryMs: 200,
    pongTimeoutMs: 2000,
    requiredVariables: ['name'],
    endAfterReplies: 1,
    burstSpeed: 50,
  })
  const started = await startSession(t, {
    phone: { answer: 'yes' },
    pace: 0.2,
    agentWsUrl: vendor.wsUrl,
  })
  const { last, session } = await endOf(started)
  const [spoken] = vendor.sessions
  t.equal(vendor.sessions.length, 1)
  t.equal(last.conversation_id, spoken?.conversationId)
  t.match(last.ended, { outcome: 'answered', by: 'agent' })
  t.match(last.agent_close, { code: 1000, clean: true })
  t.type(last.at.first_audio, 'number')
  const [pings = 0, pongs = 0] = [spoken?.pings, spoken?.pongs.length]
  // The end may come before the answer to the last one.
  t.ok(pings > 0 && pongs >= pings - 1, `pings are answered: ${pongs} of ${pings}`)
  t.match(spoken?.initiation, { dynamic_variables: { name: 'Jürgen' } })
  t.notOk(session.openings[0]?.messages.some(({ isJoined }) => isJoined))
})

t.test('an agent whose socket refuses: the call ends, and says why', async (t) => {
  const vendor = await startElevenLabs({ apiKey: 'another-key' })
  t.teardown(() => vendor.close())
  const { last } = await endOf(
    await startSession(t, {
      phone: { answer: 'yes' },
      agentWsUrl: `${vendor.wsUrl}/v1/convai/conversation`,
    }),
  )
  t.match(last.ended, { outcome: 'answered', by: 'scenario', reason: 'agent' })
  t.equal(last.at.agent_opened, null)
})
