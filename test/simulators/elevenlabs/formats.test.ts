// All seven formats both ways: what is announced is what is on the wire, whole however it is cut.
import t from 'tap'
import { AGENT_AUDIO_FORMATS } from '#core/contracts'
import { decodeUlawSample, loadSpeech, toneUlaw } from '../../../simulators/speech/index.ts'
import { audioFormat, encodeSound } from '../../../simulators/elevenlabs/audio-format.ts'
import { converse, eventually } from './join-agent.ts'

const question = loadSpeech('caller-question')

/** Signal to noise of two sounds that lie on each other, in dB. */
function likeness(heard: Buffer, said: Buffer): number {
  let signal = 0
  let noise = 0
  heard.forEach((byte, at) => {
    const wanted = decodeUlawSample(said[at] ?? 0xff)
    signal += wanted ** 2
    noise += (decodeUlawSample(byte) - wanted) ** 2
  })
  return 10 * Math.log10(signal / Math.max(1, noise))
}

for (const format of AGENT_AUDIO_FORMATS) {
  t.test(`${format}: spoken, and heard`, async (t) => {
    const { vendor, peer } = await converse(t, {
      inputFormat: format,
      outputFormat: format,
      turnEndSilenceMs: 200,
      replyDelayMs: 0,
    })
    t.match(peer.messages[0], {
      conversation_initiation_metadata_event: {
        agent_output_audio_format: format,
        user_input_audio_format: format,
      },
    })
    await eventually('the greeting', () => peer.of('agent_response').length === 1)
    const { bytesPerMs, bytesPerSample } = audioFormat(format)
    const lengthMs = loadSpeech('agent-greeting').length / 8
    t.ok(Math.abs(peer.audio().length / bytesPerMs - lengthMs) < 1, 'of its length')
    t.ok(peer.of('audio').every((m) => bytesOf(m) % bytesPerSample === 0))
    const wire = encodeSound(question, audioFormat(format))
    const frame = 20 * bytesPerMs + (format === 'pcm_22050' || format === 'pcm_44100' ? 1 : 0)
    for (let at = 0; at < wire.length; at += frame) peer.hear(wire.subarray(at, at + frame))
    peer.hear(encodeSound(Buffer.alloc(4000, 0xff), audioFormat(format)))
    await eventually('the answer', () => peer.of('user_transcript').length === 1)
    const [session] = vendor.sessions
    t.ok(session!.callerWire.subarray(0, wire.length).equals(wire), 'as it came')
    const heard = session!.callerAudio.subarray(0, question.length)
    if (format === 'ulaw_8000' || format === 'pcm_8000') t.ok(heard.equals(question))
    else t.ok(likeness(heard, question) > 30, `${likeness(heard, question).toFixed(0)} dB`)
    const counted = session!.callerFrames.reduce((sum, { bytes }) => sum + bytes, 0)
    t.ok(Math.abs(counted - question.length - 4000) < 160, 'frames are counted at 8 kHz')
  })
}

const bytesOf = (message: Record<string, Record<string, unknown>>): number =>
  Buffer.from(String(message['audio_event']?.['audio_base_64']), 'base64').length

t.test('PCM may be cut inside a sample; put together it is whole', async (t) => {
  const { peer } = await converse(t, { outputFormat: 'pcm_16000', oddChunks: true })
  await eventually('the greeting', () => peer.of('agent_response').length === 1)
  const sizes = peer.of('audio').map(bytesOf)
  t.ok(
    sizes.slice(0, -1).every((size) => size % 2 === 1),
    'each but the last is odd',
  )
  t.ok(peer.audio().equals(encodeSound(loadSpeech('agent-greeting'), audioFormat('pcm_16000'))))
})

t.test('echo between two formats keeps the sound', async (t) => {
  const { peer } = await converse(t, { mode: 'echo', outputFormat: 'pcm_16000' })
  const tone = toneUlaw(1000, 500)
  for (let at = 0; at < tone.length; at += 160) peer.hear(tone.subarray(at, at + 160))
  await eventually('most of it', () => peer.audio().length > 14_000)
  const samples = peer.audio()
  let crossings = 0
  for (let at = 2; at + 1 < samples.length; at += 2)
    if (samples.readInt16LE(at) >= 0 && samples.readInt16LE(at - 2) < 0) crossings += 1
  const hz = crossings / (samples.length / 2 / 16_000)
  t.ok(Math.abs(hz - 1000) < 10, `${hz.toFixed(0)} Hz`)
})

t.test('alignment tells when each letter is spoken, from the beginning of its chunk', async (t) => {
  const { peer } = await converse(t, { alignment: true })
  await eventually('the greeting', () => peer.of('agent_response').length === 1)
  const events = peer.of('audio').map((m) => m['audio_event']!)
  const letters = events.flatMap((event) => {
    const { chars, char_start_times_ms: starts } = event['alignment'] as {
      chars: string[]
      char_start_times_ms: number[]
    }
    const lengthMs = Buffer.from(String(event['audio_base_64']), 'base64').length / 8
    t.equal(chars.length, starts.length)
    t.ok(starts.every((start) => start >= 0 && start <= lengthMs))
    return chars
  })
  t.equal(
    letters.join(''),
    peer.of('agent_response')[0]!['agent_response_event']!['agent_response'],
  )
})

t.test('an answer may end with an empty, final audio message', async (t) => {
  const { peer } = await converse(t, { emptyFinal: true })
  await eventually('the greeting', () => peer.of('agent_response').length === 1)
  t.match(peer.of('audio').at(-1), { audio_event: { audio_base_64: '', is_final: true } })
  t.ok(peer.audio().equals(loadSpeech('agent-greeting')))
})
