// Every format of the agent, both ways and mixed, with both codecs of the line, over the wire: a tone stays the tone.
import t, { type Test } from 'tap'
import { AGENT_AUDIO_FORMATS, type AgentAudioFormat, type TelephoneCodec } from '#core/contracts'
import { toneUlaw } from '../../../simulators/speech/index.ts'
import { translate } from '../../../bridge/audio/g711.ts'
import { findTone } from '../../support/tone.ts'
import { AUDIO, METADATA, startPlainVendor } from './plain-vendor.ts'
import { eventually, setStage } from './support.ts'

const as = (codec: TelephoneCodec, ulaw: Uint8Array): Buffer => {
  const table = translate('PCMU', codec)
  return Buffer.from(table === null ? ulaw : ulaw.map((code) => table[code]!))
}
const toUlaw = (codec: TelephoneCodec, line: Uint8Array): Uint8Array => {
  const table = translate(codec, 'PCMU')
  return table === null ? line : line.map((code) => table[code]!)
}
/** Away from both ends, where a resampler is still filling. */
const middle = (ulaw: Uint8Array): Uint8Array => ulaw.subarray(800, 4800)

const caller = toneUlaw(700, 1000, -10)
const agent = { sound: { toneHz: 1100, lengthMs: 1000, levelDbm0: -10 }, text: 'tone' }
/** What comes out of the same measure for the tone itself. */
const callerLevelDb = findTone(middle(caller)).levelDb
const agentLevelDb = findTone(middle(toneUlaw(1100, 1000, -10))).levelDb

async function carry(
  t: Test,
  inputFormat: AgentAudioFormat,
  outputFormat: AgentAudioFormat,
  codec: TelephoneCodec,
  frameMs: 20 | 40 | 60 = 20,
): Promise<void> {
  const name = `hears ${inputFormat}, speaks ${outputFormat}, line ${codec}, ${frameMs} ms`
  const { vendor, conversation, witness } = await setStage(
    t,
    {
      inputFormat,
      outputFormat,
      firstMessage: agent,
      mode: 'silent',
      oddChunks: true,
      // A busy machine lets the caller’s tone fall into the agent’s.
      interruptible: false,
    },
    { lineCodec: () => codec, frameMs },
  )
  conversation.open()
  const line = as(codec, caller)
  const bytes = 8 * frameMs
  for (let at = 0; at < line.length; at += bytes) {
    // Half of it early.
    if (at === 25 * bytes) await witness.until('onMetadata')
    conversation.sendCallerAudio(line.subarray(at, at + bytes), codec)
  }
  await witness.until('onAgentResponse')
  await eventually(`${name}: all caller audio`, () => {
    return vendor.sessions[0]!.callerAudio.length > 7900
  })
  const heard = findTone(middle(vendor.sessions[0]!.callerAudio))
  t.match(heard, { hz: 700 }, `${name}: caller`)
  t.ok(Math.abs(heard.levelDb - callerLevelDb) < 0.5, `${name}: caller level`, heard)
  const told = toUlaw(codec, witness.audio())
  const spoken = findTone(middle(told))
  t.match(spoken, { hz: 1100 }, `${name}: agent`)
  t.ok(Math.abs(spoken.levelDb - agentLevelDb) < 0.5, `${name}: agent level`, spoken)
  t.ok(Math.abs(told.length - 8000) < 80, `${name}: as long as it was`, { bytes: told.length })
  const { sound } = agent
  if (outputFormat === 'ulaw_8000' && codec === 'PCMU') {
    t.ok(witness.audio().equals(toneUlaw(sound.toneHz, sound.lengthMs, sound.levelDbm0)), name)
  }
  if (inputFormat === 'ulaw_8000' && codec === 'PCMU') {
    t.ok(vendor.sessions[0]!.callerWire.equals(caller), `${name}: byte for byte`)
  }
  conversation.close()
}

t.test('each format with each codec of the line', async (t) => {
  for (const format of AGENT_AUDIO_FORMATS) {
    await Promise.all([carry(t, format, format, 'PCMU'), carry(t, format, format, 'PCMA')])
  }
})

t.test('input and output may differ, and frames may be grouped', async (t) => {
  const shifted = [...AGENT_AUDIO_FORMATS.slice(3), ...AGENT_AUDIO_FORMATS.slice(0, 3)]
  await Promise.all(
    AGENT_AUDIO_FORMATS.map((input, at) =>
      carry(t, input, shifted[at]!, at % 2 === 0 ? 'PCMA' : 'PCMU', at % 3 === 0 ? 60 : 40),
    ),
  )
})

t.test('a format nobody knows is refused with words that say what to set', async (t) => {
  const table = [
    { inputFormat: 'pcm_12345' },
    { outputFormat: 'mp3_44100' },
    { inputFormat: 'alaw_8000', outputFormat: 'alaw_8000' },
    { outputFormat: 'toString' },
    { outputFormat: '' },
  ]
  for (const formats of table) {
    const { vendor, conversation, witness } = await setStage(t, formats)
    conversation.open()
    await witness.until('onClosed')
    const [end] = witness.of('onClosed')[0]!
    t.match(end, { reason: 'refused', closeCode: 1000 })
    t.match(end.detail, /user_input_audio_format.*agent_output_audio_format.*pcm_16000/)
    t.match(end.detail, Object.values(formats)[0] === '' ? 'unnamed' : Object.values(formats)[0])
    await eventually('the close', () => vendor.sessions[0]!.closedAt !== null)
    t.match(vendor.sessions[0], { closedBy: 'client', closeCode: 1000 })
    t.equal(witness.of('onAttempted').length, 1, 'no second attempt helps')
  }
})

t.test('without a named input format the agent hears pcm_16000', async (t) => {
  const { conversation, witness, received } = await startPlainVendor(t, {
    accepted: (socket) =>
      socket.send(METADATA().replace(',"user_input_audio_format":"ulaw_8000"', '')),
  })
  conversation.open()
  await witness.until('onMetadata')
  for (let n = 0; n < 5; n += 1) conversation.sendCallerAudio(new Uint8Array(160), 'PCMU')
  await eventually('audio', () => received.length > 4)
  const [, , second] = received
  t.equal(Buffer.from(second!['user_audio_chunk'] as string, 'base64').length, 640)
  t.match(witness.of('onMetadata'), [[{ inputFormat: 'pcm_16000' }]])
})

t.test('the codec of the line may change in mid-call, on both sides', async (t) => {
  let codec: TelephoneCodec = 'PCMU'
  const { conversation, witness, received, sockets } = await startPlainVendor(t, {
    lineCodec: () => codec,
    accepted: (socket) => {
      socket.send(METADATA())
      socket.send(AUDIO(new Uint8Array(8).fill(0xff)))
    },
  })
  conversation.open()
  await witness.until('onAudio')
  codec = 'PCMA'
  sockets[0]!.send(AUDIO(new Uint8Array(8).fill(0xff)))
  await eventually('two chunks', () => witness.of('onAudio').length === 2)
  t.strictSame(
    witness.of('onAudio').map(([line]) => line[0]),
    [0xff, 0xd5],
  )
  conversation.sendCallerAudio(new Uint8Array(160).fill(0xff), 'PCMU')
  conversation.sendCallerAudio(new Uint8Array(160).fill(0xd5), 'PCMA')
  await eventually('both at the agent', () => received.length === 3)
  const first = received
    .slice(1)
    .map((message) => Buffer.from(message['user_audio_chunk'] as string, 'base64')[0])
  t.strictSame(first, [0xff, translate('PCMA', 'PCMU')![0xd5]])
})

t.test('early audio of both codecs is turned into the format that came to be known', async (t) => {
  const { conversation, witness, received } = await startPlainVendor(t, {
    accepted: (socket) => setTimeout(() => socket.send(METADATA('ulaw_8000', 'pcm_8000')), 80),
  })
  conversation.open()
  await witness.until('onOpened')
  conversation.sendCallerAudio(new Uint8Array(160).fill(0x80), 'PCMU')
  conversation.sendCallerAudio(new Uint8Array(160).fill(0xaa), 'PCMA')
  await eventually('both at the agent', () => received.length === 3)
  const samples = received
    .slice(1)
    .map((message) => Buffer.from(message['user_audio_chunk'] as string, 'base64').readInt16LE(0))
  t.strictSame(samples, [32_124, 32_256], 'the loudest positive code of each law')
})

t.test('a chunk of ten minutes is told in pieces, its letters with the first', async (t) => {
  const large = new Uint8Array(4_800_000)
  for (let at = 0; at < large.length; at += 1) large[at] = at % 251
  const { conversation, witness } = await startPlainVendor(t, {
    accepted: (socket) => {
      socket.send(METADATA())
      socket.send(AUDIO(large, 7, { alignment: { chars: ['x'], char_start_times_ms: [0] } }))
    },
  })
  conversation.open()
  await eventually('all of it', () => witness.audio().length === large.length)
  t.ok(witness.audio().equals(large))
  t.ok(witness.of('onAudio').every(([line, id]) => line.length <= 262_144 && id === 7))
  t.strictSame(witness.of('onAudio')[0]![2], { chars: ['x'], startMs: [0] })
  t.ok(
    witness
      .of('onAudio')
      .slice(1)
      .every(([, , alignment]) => alignment === undefined),
  )
})
