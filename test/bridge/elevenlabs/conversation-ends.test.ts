// Every way a conversation ends, over real sockets against the simulated vendor.
import { setTimeout as sleepFor } from 'node:timers/promises'
import t from 'tap'
import { loadSpeech } from '../../../simulators/speech/index.ts'
import { AGENT_ID, eventually, setStage } from './support.ts'

t.test('the agent says goodbye: ending is told, then agent-ended with 1000', async (t) => {
  const { vendor, conversation, witness } = await setStage(t, {
    firstMessage: null,
    endAfterMs: 50,
    closeDelayMs: 50,
  })
  conversation.open()
  await witness.until('onClosed')
  const names = witness.names()
  t.strictSame(names.slice(-4), ['onAudio', 'onAgentResponse', 'onEnding', 'onClosed'])
  t.match(witness.of('onClosed')[0], [{ reason: 'agent-ended', closeCode: 1000 }])
  t.ok(witness.audio().equals(loadSpeech('agent-goodbye')))
  t.match(vendor.sessions[0], { closedBy: 'agent', closeCode: 1000 })
})

t.test('an upgrade refused by HTTP', async (t) => {
  for (const status of [401, 403, 404, 429, 503]) {
    const { conversation, witness, requests } = await setStage(t, {
      refuse: { how: 'http', status },
    })
    conversation.open()
    await witness.until('onClosed')
    const attempts = status === 429 || status === 503 ? 2 : 1
    // Too many conversations is what the next call should know, too.
    const attempted = status === 429 ? ['onAttempted', 'onBusy'] : ['onAttempted']
    const first = attempts === 2 ? [...attempted, 'onAttemptFailed'] : []
    t.strictSame(witness.names(), [...first, ...attempted, 'onClosed'])
    const [end] = witness.of('onClosed')[0]!
    t.match(end, { reason: 'refused', closeCode: null })
    t.match(end.detail, `HTTP ${status}`)
    t.equal(requests.length, attempts)
    t.ok(requests.every((request) => request === 'agent_socket failed'))
  }
})

t.test('an agent that fails once is there at the second attempt', async (t) => {
  const { vendor, conversation, witness } = await setStage(t, {
    refuse: { how: 'http', status: 503 },
    failFirst: 1,
  })
  conversation.open()
  await witness.until('onAgentResponse')
  t.equal(vendor.sessions.length, 2)
  t.match(witness.of('onAttemptFailed'), [[{ attempt: 1, closeCode: null, detail: /HTTP 503/ }]])
})

t.test('accepted, then closed', async (t) => {
  const table = [
    { code: 1000, afterMetadata: false, reason: 'refused' },
    { code: 1002, afterMetadata: false, reason: 'refused' },
    { code: 1008, afterMetadata: false, reason: 'refused' },
    { code: 3000, afterMetadata: false, reason: 'refused' },
    { code: 1000, afterMetadata: true, reason: 'agent-ended' },
    { code: 1002, afterMetadata: true, reason: 'dropped' },
    { code: 1008, afterMetadata: true, reason: 'refused' },
    { code: 1011, afterMetadata: true, reason: 'dropped' },
    { code: 3000, afterMetadata: true, reason: 'refused' },
  ]
  for (const { code, afterMetadata, reason } of table) {
    const { conversation, witness } = await setStage(t, {
      refuse: { how: 'close', code, reason: 'because +4930123456 said so', afterMetadata },
    })
    conversation.open()
    await witness.until('onClosed')
    const [end] = witness.of('onClosed')[0]!
    t.match(
      end,
      { reason, closeCode: code },
      `${code} ${afterMetadata ? 'after' : 'before'} metadata`,
    )
    t.match(end.detail, 'because [number] said so')
  }
})

t.test('a fault is told in the vendor’s words before the drop', async (t) => {
  const { conversation, witness } = await setStage(t, { inputTimeoutMs: 200 })
  conversation.open()
  await witness.until('onClosed')
  t.strictSame(witness.of('onFault')[0], ['transport_receive_timeout', 'No user input received'])
  t.match(witness.of('onClosed')[0], [{ reason: 'dropped', closeCode: 1002 }])
})

t.test(
  'a missing variable and a forbidden override are refused with the vendor’s words',
  async (t) => {
    const missing = await setStage(t, { requiredVariables: ['order'] })
    missing.conversation.open()
    await missing.witness.until('onClosed')
    t.match(missing.witness.of('onClosed')[0], [{ reason: 'refused', closeCode: 1008 }])
    t.match(missing.witness.of('onClosed')[0]![0].detail, 'Missing required dynamic variables')
    t.equal(missing.witness.of('onFault')[0]?.[0], 'missing_dynamic_variable')

    const override = await setStage(
      t,
      { allowedOverrides: [] },
      { agent: { agentId: AGENT_ID, dynamicVariables: {}, language: 'de' } },
    )
    override.conversation.open()
    await override.witness.until('onClosed')
    t.match(override.witness.of('onClosed')[0], [{ reason: 'refused', closeCode: 1008 }])
    t.match(override.witness.of('onClosed')[0]![0].detail, "Override for field 'language'")
  },
)

t.test('a queue that times out is refused with 4300', async (t) => {
  const { conversation, witness } = await setStage(t, {
    queue: { waitMs: 30, outcome: 'timed_out' },
  })
  conversation.open()
  await witness.until('onClosed')
  t.strictSame(witness.names(), ['onAttempted', 'onOpened', 'onMetadata', 'onFault', 'onClosed'])
  t.match(witness.of('onClosed')[0], [{ reason: 'refused', closeCode: 4300 }])
})

t.test('a connection reset in the middle of a call is a drop', async (t) => {
  const { conversation, witness } = await setStage(t, { dropAfterMs: 300 })
  conversation.open()
  await witness.until('onClosed')
  t.match(witness.of('onClosed'), [[{ reason: 'dropped', closeCode: null }]])
})

t.test('no metadata in time is refused', async (t) => {
  const { conversation, witness } = await setStage(
    t,
    { metadataDelayMs: null },
    { timing: { metadataMs: 80 } },
  )
  conversation.open()
  await witness.until('onClosed')
  t.match(witness.of('onClosed')[0], [
    { reason: 'refused', detail: 'no conversation metadata within 80 ms' },
  ])
})

t.test('nobody at the address', async (t) => {
  const { vendor, conversation, witness } = await setStage(t)
  await vendor.close()
  conversation.open()
  await witness.until('onClosed')
  t.strictSame(witness.names(), ['onClosed'], 'no upgrade was attempted')
  t.match(witness.of('onClosed')[0]![0], { reason: 'refused', detail: /ECONNREFUSED/ })
})

t.test('a vendor that neither speaks nor answers our ping is dropped', async (t) => {
  const { conversation, witness } = await setStage(
    t,
    { freezeAfterMs: 250, firstMessage: null },
    { timing: { silenceMs: 150, pingAnswerMs: 150 } },
  )
  conversation.open()
  await witness.until('onClosed')
  t.match(witness.of('onClosed'), [[{ reason: 'dropped', detail: 'the vendor fell silent' }]])
})

t.test('a silent but living vendor is kept', async (t) => {
  const { conversation, witness } = await setStage(
    t,
    { firstMessage: null, pingEveryMs: null },
    { timing: { silenceMs: 50, pingAnswerMs: 50 } },
  )
  conversation.open()
  await witness.until('onMetadata')
  await sleepFor(400)
  t.equal(witness.of('onClosed').length, 0)
})

t.test('close: told at once, nothing after it, and the vendor sees 1000', async (t) => {
  const { vendor, conversation, witness } = await setStage(t)
  conversation.open()
  await witness.until('onAudio')
  const closedAt = performance.now()
  conversation.close()
  conversation.close()
  t.match(witness.of('onClosed'), [[{ reason: 'closed-by-us', closeCode: 1000 }]])
  await eventually('the close', () => vendor.sessions[0]!.closedAt !== null)
  t.ok(performance.now() - closedAt < 500)
  t.match(vendor.sessions[0], { closedBy: 'client', closeCode: 1000 })
  conversation.sendCallerAudio(Buffer.alloc(160), 'PCMU')
  conversation.pressed('1')
  conversation.open()
  conversation.prewarm()
  await sleepFor(100)
  t.equal(witness.told.at(-1)?.what, 'onClosed')
  t.equal(vendor.sessions.length, 1)
})

t.test('close during the upgrade and before it', async (t) => {
  const early = await setStage(t)
  early.conversation.open()
  early.conversation.close()
  t.strictSame(early.witness.names(), ['onClosed'])
  t.match(early.witness.of('onClosed')[0], [{ reason: 'closed-by-us', closeCode: null }])

  const never = await setStage(t)
  never.conversation.prewarm()
  never.conversation.close()
  await sleepFor(100)
  t.strictSame(never.witness.names(), [], 'never opened: nothing to close')
  t.equal(never.vendor.sessions.length + early.vendor.sessions.length, 0)
  t.ok(never.vendor.connections.every(({ closedAt }) => closedAt !== null))
})

t.test('a half-open vendor loses its connection two seconds after close', async (t) => {
  const { vendor, conversation, witness } = await setStage(t, { freezeAfterMs: 200 })
  conversation.open()
  await sleepFor(400)
  await witness.until('onMetadata')
  const before = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
  conversation.close()
  t.equal(witness.told.at(-1)?.what, 'onClosed', 'told at once')
  await sleepFor(1500)
  t.equal(vendor.connections.at(-1)?.closedAt, null, 'still waiting for the vendor’s close frame')
  await eventually(
    'our end to be gone',
    () => {
      const now = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
      return now < before
    },
    1500,
  )
})
