// One conversation over real sockets against the simulated vendor: order, audio, answers.
import { setTimeout as sleepFor } from 'node:timers/promises'
import t from 'tap'
import { loadSpeech, toneUlaw } from '../../../simulators/speech/index.ts'
import { API_KEY, AGENT_ID, eventually, setStage } from './support.ts'

t.test('the handshake: initiation at once, metadata, then the first message', async (t) => {
  const { vendor, conversation, witness, requests } = await setStage(t)
  conversation.open()
  await witness.until('onAgentResponse')
  t.strictSame(witness.names(), [
    'onAttempted',
    'onOpened',
    'onMetadata',
    'onAudio',
    'onAgentResponse',
  ])
  const [session] = vendor.sessions
  t.match(session?.initiation, {
    type: 'conversation_initiation_client_data',
    dynamic_variables: { caller_number: '+15550100' },
    source_info: { source: 'unknown' },
  })
  t.notOk(session?.initiation && 'conversation_config_override' in session.initiation)
  t.ok(session!.initiationAt! < session!.metadataAt!, 'initiation does not wait for metadata')
  const [upgradeSentAt] = witness.of('onOpened')[0]!
  t.ok(upgradeSentAt <= session!.upgradeAt, 'our time of the request is before the server saw it')
  t.ok(session!.upgradeAt - upgradeSentAt < 1000)
  t.strictSame(witness.of('onMetadata')[0], [
    {
      conversationId: session!.conversationId,
      inputFormat: 'ulaw_8000',
      outputFormat: 'ulaw_8000',
    },
  ])
  t.ok(witness.audio().equals(loadSpeech('agent-greeting')), 'the greeting, byte for byte')
  t.strictSame(requests, ['agent_socket ok'])
})

t.test('first message and language are overridden only when set', async (t) => {
  const { vendor, conversation, witness } = await setStage(
    t,
    {},
    { agent: { agentId: AGENT_ID, dynamicVariables: {}, firstMessage: 'Hi', language: 'de' } },
  )
  conversation.open()
  await witness.until('onAgentResponse')
  t.match(vendor.sessions[0]?.initiation, {
    conversation_config_override: { agent: { first_message: 'Hi', language: 'de' } },
  })
  t.equal(witness.of('onAgentResponse')[0]?.[0], 'Hi')
})

t.test('caller audio of the time before the metadata arrives first and whole', async (t) => {
  const { vendor, conversation, witness } = await setStage(t, {
    metadataDelayMs: 150,
    mode: 'silent',
  })
  const said = loadSpeech('caller-question')
  conversation.sendCallerAudio(Buffer.alloc(160, 1), 'PCMU') // Before open: not for the agent.
  conversation.open()
  const frame = Buffer.alloc(160)
  let at = 0
  for (; at < 8000; at += 160) {
    said.copy(frame, 0, at, at + 160) // The caller reuses its buffer, as a socket would.
    conversation.sendCallerAudio(frame, 'PCMU')
  }
  await witness.until('onMetadata')
  for (; at < 16_000; at += 160) conversation.sendCallerAudio(said.subarray(at, at + 160), 'PCMU')
  await eventually('all audio at the agent', () => vendor.sessions[0]!.callerAudio.length >= 16_000)
  t.ok(vendor.sessions[0]!.callerAudio.equals(said.subarray(0, 16_000)))
  t.ok(vendor.sessions[0]!.callerFrames[0]!.at >= vendor.sessions[0]!.metadataAt!)
})

t.test('ten seconds are kept before the metadata, the newest ones', async (t) => {
  const { vendor, conversation, witness, logged } = await setStage(t, {
    metadataDelayMs: 100,
    mode: 'silent',
  })
  conversation.open()
  for (let frame = 0; frame < 550; frame += 1) {
    conversation.sendCallerAudio(Buffer.alloc(160, frame % 251), 'PCMU')
  }
  await witness.until('onMetadata')
  await eventually('ten seconds', () => vendor.sessions[0]!.callerAudio.length >= 80_000)
  const heard = vendor.sessions[0]!.callerAudio
  t.equal(heard.length, 80_000)
  t.equal(heard[0], 50)
  t.equal(heard[79_999], 549 % 251)
  conversation.close()
  t.match(logged.join(''), /"lostBytes":8000/)
})

t.test('a ping is answered with its id', async (t) => {
  const { vendor, conversation, witness } = await setStage(t, { pingEveryMs: 50 })
  conversation.open()
  await witness.until('onMetadata')
  await eventually('three pongs', () => vendor.sessions[0]!.pongs.length >= 3)
  const ids = vendor.sessions[0]!.pongs.map(({ eventId }) => eventId)
  t.strictSame(ids, [...new Set(ids)], 'each once')
})

t.test('caller speech interrupts the agent; the answer to it is heard', async (t) => {
  for (const interruptionId of ['interrupted', 'next', 'same-as-reply'] as const) {
    const { conversation, witness } = await setStage(t, {
      interruptionId,
      staleAudio: interruptionId === 'interrupted',
      burstSpeed: 3,
      turnEndSilenceMs: 200,
      replies: [{ sound: { toneHz: 440, lengthMs: 400 }, text: 'answer' }],
    })
    conversation.open()
    await witness.until('onAudio')
    conversation.sendCallerAudio(toneUlaw(300, 400), 'PCMU') // Speech to an ear that goes by energy.
    await witness.until('onInterrupted')
    for (let n = 0; n < 20; n += 1) conversation.sendCallerAudio(Buffer.alloc(160, 0xff), 'PCMU')
    await eventually('the answer', () =>
      witness.of('onAgentResponse').some(([text]) => text === 'answer'),
    )
    const at = witness.told.findIndex(({ what }) => what === 'onInterrupted')
    const after = witness.told.slice(at).filter((entry) => entry.what === 'onAudio')
    t.equal(
      after.reduce((bytes, { args: [line] }) => bytes + line.length, 0),
      3200,
      `${interruptionId}: exactly the answer is heard after the interruption`,
    )
    t.equal(witness.of('onAgentResponseCorrected').length, 1)
    t.equal(witness.of('onUserTranscript').length, 1)
  }
})

t.test('tools: an unknown one is answered as an error, an approval is declined once', async (t) => {
  const approval = {
    type: 'mcp_tool_call',
    mcp_tool_call: { tool_call_id: 'm1', tool_name: 'pay', state: 'awaiting_approval' },
  }
  const { vendor, conversation } = await setStage(t, {
    says: [
      {
        afterMs: 10,
        message: {
          type: 'client_tool_call',
          client_tool_call: { tool_name: 'lookup', tool_call_id: 'c1', parameters: {} },
        },
      },
      { afterMs: 20, message: approval },
      { afterMs: 30, message: approval },
    ],
  })
  conversation.open()
  await eventually('two answers', () => (vendor.sessions[0]?.otherMessages.length ?? 0) >= 3)
  await sleepFor(50)
  t.strictSame(vendor.sessions[0]!.otherMessages.slice(1), [
    {
      type: 'client_tool_result',
      tool_call_id: 'c1',
      result: 'Client tool with name lookup is not defined on client',
      is_error: true,
    },
    { type: 'mcp_tool_approval_result', tool_call_id: 'm1', is_approved: false },
  ])
})

t.test('unknown and malformed messages change nothing, and the call goes on', async (t) => {
  const { conversation, witness, logged } = await setStage(t, {
    firstMessage: null,
    says: [
      { afterMs: 5, message: { type: 'brand_new', brand_new_event: {} } },
      { afterMs: 10, message: { type: 'audio', audio_event: {} } },
      { afterMs: 15, message: [1, 2] },
      {
        afterMs: 20,
        message: { type: 'agent_response', agent_response_event: { agent_response: 'still here' } },
      },
    ],
  })
  conversation.open()
  await witness.until('onAgentResponse')
  conversation.close()
  const log = logged.join('')
  t.match(log, '"messageType":"brand_new"')
  t.match(log, /"unknown":1,"malformed":2/)
  t.equal(log.split('agent message malformed').length - 1, 1, 'only the first has a line')
  t.strictSame(witness.of('onAgentResponse')[0], ['still here', 0])
  t.equal(witness.of('onClosed').length, 1, 'only when we close it')
})

t.test('a flood of odd messages is two lines and a sum', async (t) => {
  const flood = Array.from({ length: 500 }, () => [
    { afterMs: 5, message: { type: 'for_4930123456' } },
    { afterMs: 5, message: [1] },
  ])
  const last = { afterMs: 50, message: { type: 'error', error_event: { message: 'last' } } }
  const { conversation, witness, logged } = await setStage(t, {
    firstMessage: null,
    says: [...flood.flat(), last],
  })
  conversation.open()
  await witness.until('onFault')
  conversation.close()
  const lines = logged.filter((line) => line.includes('agent message'))
  t.equal(lines.length, 3)
  t.match(lines[0], '"messageType":"other"', 'an odd name goes nowhere')
  t.match(lines[1], 'malformed')
  t.match(lines[2], /"unknown":500,"malformed":500/)
  t.notMatch(logged.join(''), '4930123456')
})

t.test('what the agent says is passed on up to 16 kB', async (t) => {
  const long = 'é'.repeat(20_000)
  const link = '://'.repeat(100_000)
  const { conversation, witness } = await setStage(t, {
    firstMessage: null,
    says: [
      {
        afterMs: 5,
        message: { type: 'user_transcript', user_transcription_event: { user_transcript: long } },
      },
      {
        afterMs: 5,
        message: { type: 'agent_response', agent_response_event: { agent_response: `x${long}` } },
      },
      {
        afterMs: 5,
        message: {
          type: 'agent_response_correction',
          agent_response_correction_event: { corrected_agent_response: 'short' },
        },
      },
      {
        afterMs: 30,
        message: { type: 'error', error_event: { error_type: link, message: link } },
      },
    ],
  })
  conversation.open()
  await witness.until('onFault')
  for (const what of ['onUserTranscript', 'onAgentResponse'] as const) {
    const [text] = witness.of(what)[0]!
    const bytes = Buffer.byteLength(text)
    t.ok(bytes <= 16_384 && bytes > 16_376, what, { bytes })
    t.match(text, /^x?é+$/, 'no character cut in half')
  }
  t.equal(witness.of('onAgentResponseCorrected')[0]?.[0], 'short')
  for (const told of witness.of('onFault')[0]!) t.ok(told.length <= 200)
})

t.test('neither key nor signed URL nor number reaches the log', async (t) => {
  const stage = await setStage(
    t,
    { says: [{ afterMs: 5, message: { type: 'audio', audio_event: { audio_base_64: 7 } } }] },
    { vendor: { apiKey: API_KEY } },
  )
  stage.conversation.prewarm()
  stage.conversation.open()
  await stage.witness.until('onAudio')
  const refused = await setStage(t, {}, { vendor: { apiKey: 'another' }, apiKey: API_KEY })
  refused.conversation.prewarm()
  await sleepFor(100)
  refused.conversation.open()
  await refused.witness.until('onClosed')
  t.match(refused.witness.of('onClosed')[0]![0].detail, 'HTTP 401: check ELEVENLABS_API_KEY')
  const everything = [
    ...stage.logged,
    ...refused.logged,
    JSON.stringify(refused.witness.told),
  ].join('')
  t.match(everything, 'agent message malformed')
  t.match(everything, 'agent prewarm failed')
  t.notMatch(everything, API_KEY)
  t.notMatch(everything, 'conversation_signature')
  t.notMatch(everything, '15550100')
})

t.test('a listener that throws costs a log line, not the call', async (t) => {
  const { conversation, witness, logged } = await setStage(t)
  for (const what of ['onAttempted', 'onOpened', 'onMetadata', 'onAudio'] as const) {
    witness.listener[what] = () => {
      throw new Error(`planted in ${what}`)
    }
  }
  conversation.open()
  await witness.until('onAgentResponse')
  for (const what of ['onAttempted', 'onOpened', 'onMetadata', 'onAudio']) {
    t.match(logged.join(''), `planted in ${what}`)
  }
})

t.test('a finished conversation leaves no handle behind', async (t) => {
  const { vendor, conversation, witness } = await setStage(t, {}, { vendor: { apiKey: API_KEY } })
  const handles = (): number =>
    process.getActiveResourcesInfo().filter((name) => /TCPSocketWrap|Timeout|TLSWrap/.test(name))
      .length
  const before = handles()
  conversation.prewarm()
  await witness.until('onPrewarmed')
  conversation.open()
  await witness.until('onAgentResponse')
  t.ok(handles() > before, 'the count sees them')
  conversation.close()
  await vendor.close()
  await eventually('all handles gone', () => handles() <= before)
})
