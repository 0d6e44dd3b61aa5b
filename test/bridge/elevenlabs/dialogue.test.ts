// What both sides say and how it is told: transcripts, corrections, alignment, interruptions, requests for digits.
import { setTimeout as sleepFor } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { digitsRequested } from '../../../bridge/elevenlabs/digits-requested.ts'
import { AUDIO, METADATA, startPlainVendor, type PlainVendor } from './plain-vendor.ts'
import { eventually, setStage } from './support.ts'

async function talk(t: Test, ...messages: readonly unknown[]): Promise<PlainVendor> {
  const vendor = await startPlainVendor(t, {
    accepted(socket) {
      socket.send(METADATA())
      for (const message of messages)
        socket.send(typeof message === 'string' ? message : JSON.stringify(message))
      socket.send('{"type":"client_error","error_event":{"message":"that was all"}}')
    },
  })
  vendor.conversation.open()
  await vendor.witness.until('onFault')
  return vendor
}

const words = (text: string, eventId?: number, tentative = false) => ({
  type: tentative ? 'tentative_user_transcript' : 'user_transcript',
  [tentative ? 'tentative_user_transcription_event' : 'user_transcription_event']: {
    user_transcript: text,
    ...(eventId === undefined ? {} : { event_id: eventId }),
  },
})
const tentative = (text: string, eventId?: number) => words(text, eventId, true)
const interruption = (event: object | undefined) => ({
  type: 'interruption',
  ...(event === undefined ? {} : { interruption_event: event }),
})
const sound = new Uint8Array(80).fill(1)

t.test('tentative words are told once, at the end, when nothing settled them', async (t) => {
  const { conversation, witness } = await talk(
    t,
    tentative('I', 1),
    tentative('I want', 1),
    words('I want to book', 1),
    tentative('I want to bo', 1), // Overtaken.
    tentative('for', 2),
    tentative('for two', 2),
  )
  t.strictSame(witness.of('onUserTranscript'), [['I want to book', 1, false]])
  conversation.close()
  t.strictSame(witness.of('onUserTranscript').slice(1), [['for two', 2, true]])
  t.strictSame(witness.names().slice(-2), ['onUserTranscript', 'onClosed'], 'before the end')
  const late = await talk(t, words('Yes.', 1), tentative('ye', 1))
  late.conversation.close()
  t.equal(late.witness.of('onUserTranscript').length, 1, 'what was overtaken is not told')
})

t.test('settled words leave nothing tentative, with ids or without', async (t) => {
  for (const id of [undefined, 4]) {
    const { conversation, witness } = await talk(t, tentative('yes', id), words('Yes.', id))
    conversation.close()
    t.strictSame(witness.of('onUserTranscript'), [['Yes.', id ?? 0, false]])
  }
  const { conversation, witness } = await talk(t, tentative(' '))
  conversation.close()
  t.strictSame(witness.of('onUserTranscript'), [], 'nothing is nothing')
})

t.test('the vendor’s end leaves tentative words as well', async (t) => {
  const { vendor, conversation, witness } = await setStage(t, {
    firstMessage: null,
    tentativeTranscripts: true,
    endAfterMs: 400,
    goodbye: null,
    closeDelayMs: 10,
  })
  conversation.open()
  await witness.until('onMetadata')
  for (let n = 0; n < 10; n += 1) {
    conversation.sendCallerAudio(
      new Uint8Array(160).map((_, at) => (at % 8 < 4 ? 0x10 : 0x90)),
      'PCMU',
    )
  }
  await witness.until('onClosed')
  t.ok(vendor.sessions.length === 1)
  t.match(witness.of('onUserTranscript'), [[/speech, part/, Number, true]])
  t.strictSame(witness.names().slice(-3), ['onEnding', 'onUserTranscript', 'onClosed'])
})

t.test('a correction comes with what was said first, where the vendor tells it', async (t) => {
  const correction = (event: object) => ({
    type: 'agent_response_correction',
    agent_response_correction_event: event,
  })
  const { witness } = await talk(
    t,
    correction({
      original_agent_response: 'Six, seven and eight.',
      corrected_agent_response: 'Six...',
      event_id: 12,
    }),
    correction({ corrected_agent_response: 'Seven...' }),
    correction({
      original_agent_response: 'é'.repeat(20_000),
      corrected_agent_response: 'x',
      event_id: 13,
    }),
  )
  const [one, two, three] = witness.of('onAgentResponseCorrected')
  t.strictSame(one, ['Six...', 12, 'Six, seven and eight.'])
  t.strictSame(two, ['Seven...', 0, undefined])
  t.ok(Buffer.byteLength(three![2]!) <= 16_384)
})

t.test('letters and their times come with the audio they belong to', async (t) => {
  const alignment = { chars: ['H', 'i'], char_start_times_ms: [0, 5], char_durations_ms: [5, 5] }
  const { witness } = await talk(t, AUDIO(sound, 1, { alignment }), AUDIO(sound, 1))
  t.strictSame(
    witness.of('onAudio').map(([, , letters]) => letters),
    [{ chars: ['H', 'i'], startMs: [0, 5] }, undefined],
  )
})

t.test('an interruption counts with an id as text, and with none', async (t) => {
  const table: [name: string, messages: unknown[], heard: number[], interruptedAt: number][] = [
    ['text', [AUDIO(sound, '4'), interruption({ event_id: '4' }), AUDIO(sound, '4')], [4], 4],
    ['none', [AUDIO(sound, 4), interruption({}), AUDIO(sound, 4), AUDIO(sound, 5)], [4, 5], 4],
    ['no wrapper', [AUDIO(sound, 4), interruption(undefined), AUDIO(sound, 4)], [4], 4],
    ['unreadable', [AUDIO(sound, 4), interruption({ event_id: 'x' }), AUDIO(sound, 3)], [4], 4],
    ['nothing said', [interruption({ event_id: 2 }), AUDIO(sound, 2)], [2], 2],
  ]
  for (const [name, messages, heard, interruptedAt] of table) {
    const { witness } = await talk(t, ...messages)
    t.strictSame(
      witness.of('onAudio').map(([, id]) => id),
      heard,
      name,
    )
    t.strictSame(witness.of('onInterrupted'), [[interruptedAt]], name)
  }
})

t.test('half a sample of an interrupted or finished answer is not heard in the next', async (t) => {
  const vendor = await startPlainVendor(t, {
    accepted(socket) {
      socket.send(METADATA('pcm_8000', 'ulaw_8000'))
      const odd = Buffer.from([0, 0, 0, 0, 0x7f])
      const loud = Buffer.alloc(8, Buffer.from([0, 0x40]))
      socket.send(AUDIO(odd, 1))
      socket.send(AUDIO(loud, 2))
      socket.send(AUDIO(odd, 2))
      socket.send(JSON.stringify(interruption({ event_id: 2 })))
      socket.send(AUDIO(loud, 3))
      // Without ids only the interruption says that another answer begins.
      socket.send(AUDIO(odd, 'x'))
      socket.send(JSON.stringify(interruption({})))
      socket.send(AUDIO(loud, 'x'))
    },
  })
  vendor.conversation.open()
  await eventually('all audio', () => vendor.witness.of('onAudio').length === 6)
  const lines = vendor.witness.of('onAudio').map(([line]) => [...line])
  const loud = lines[1]![0]
  t.strictSame(lines[1], [loud, loud, loud, loud])
  t.strictSame(lines[3], lines[1])
  t.strictSame(lines[5], lines[1])
})

t.test('digits are asked for under whatever key', async (t) => {
  const table: [payload: Record<string, unknown>, digits: string | undefined][] = [
    [{ digits: '12#' }, '12#'],
    [{ dtmf_tones: '1w2W3' }, '1w2ww3'],
    [{ tones: '1,2' }, '1w2'],
    [{ something: 'A*' }, 'A*'],
    [{ tool_call_id: '17', event_id: 3 }, undefined],
    [{ digits: 12 }, undefined],
    [{ digits: '' }, undefined],
    [{ digits: '+49 30' }, undefined],
    [{ digits: '1'.repeat(65) }, undefined],
    [{ reason: 'because', digits: '5' }, '5'],
    [{}, undefined],
  ]
  for (const [payload, digits] of table)
    t.equal(digitsRequested(payload), digits, JSON.stringify(payload))

  const { conversation, witness, logged } = await setStage(t, {
    firstMessage: null,
    dtmfRequest: { afterMs: 10, digits: '7391' },
    says: [{ afterMs: 30, message: { type: 'dtmf_request' } }],
  })
  conversation.open()
  await witness.until('onDigitsRequested')
  await sleepFor(50)
  t.strictSame(witness.of('onDigitsRequested'), [['7391']])
  t.match(logged.join(''), /asks for keys/)
  t.notMatch(logged.join(''), '7391')
})

t.test('what only informs changes nothing', async (t) => {
  const { witness } = await talk(
    t,
    { type: 'queue_status', queue_status_event: { status: 'waiting' } },
    { type: 'queue_status', queue_status_event: { status: 'admitted' } },
    { type: 'guardrail_triggered' },
    { type: 'agent_response_complete', agent_response_complete_event: { event_id: 1 } },
    { type: 'asr_initiation_metadata' },
    { type: 'context_usage', context_usage_event: { event_id: '1' } },
    AUDIO(new Uint8Array(0), 1, { is_final: true }),
  )
  t.strictSame(witness.names(), ['onAttempted', 'onOpened', 'onMetadata', 'onFault'])
})
