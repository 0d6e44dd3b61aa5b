// A recording is read as any player would: chunks in any order, both sides apart.
import t from 'tap'
import { decodeRecording } from '../../rehearsal/recording.ts'
import { decodeUlaw, soundBytes } from '../../simulators/carrier/index.ts'

const left = soundBytes({ speech: 'caller-question' })
const right = soundBytes({ speech: 'agent-greeting' })

function wav(channels: readonly Buffer[], rate = 8000, between = Buffer.alloc(0)): Buffer {
  const frames = Math.max(...channels.map(({ length }) => length))
  const data = Buffer.alloc(frames * channels.length * 2)
  channels.forEach((side, channel) =>
    side.forEach((byte, frame) =>
      data.writeInt16LE(decodeUlaw(byte), (frame * channels.length + channel) * 2),
    ),
  )
  const head = Buffer.alloc(36)
  head.write('RIFF', 0, 'latin1')
  head.write('WAVEfmt ', 8, 'latin1')
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(channels.length, 22)
  head.writeUInt32LE(rate, 24)
  head.writeUInt16LE(16, 34)
  const dataHead = Buffer.from('data\0\0\0\0', 'latin1')
  dataHead.writeUInt32LE(data.length, 4)
  return Buffer.concat([head, between, dataHead, data])
}

t.test('stereo: each side byte for byte as it was on the line', async (t) => {
  const odd = Buffer.from('LIST\x03\0\0\0abc\0', 'latin1')
  for (const file of [wav([left, right]), wav([left, right], 8000, odd)]) {
    const recording = decodeRecording(file)
    t.equal(recording.channels, 2)
    t.ok(recording.left.subarray(0, left.length).equals(left))
    t.ok(recording.right.equals(right))
    t.equal(recording.durationMs, right.length / 8)
  }
})

t.test('what it is not is said', async (t) => {
  t.equal(decodeRecording(wav([left])).channels, 1)
  t.throws(() => decodeRecording(Buffer.from('no sound at all')), /no WAV/)
  t.throws(() => decodeRecording(wav([left], 16_000)), /not 16-bit PCM at 8 kHz/)
  t.throws(() => decodeRecording(wav([left]).subarray(0, 36)), /no chunk data/)
})
