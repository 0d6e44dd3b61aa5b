// Caller audio on its way out: what it looks like, and what happens when the network does not keep up.
import t from 'tap'
import { AGENT_AUDIO_FORMATS, type AgentAudioFormat } from '#core/contracts'
import { createAgentCodec } from '../../../bridge/audio/agent-codec.ts'
import { callerMessage, wireBytesOf } from '../../../bridge/elevenlabs/caller-message.ts'
import { createEarlyAudio } from '../../../bridge/elevenlabs/early-audio.ts'
import { createUplink } from '../../../bridge/elevenlabs/uplink.ts'

function createPipe(format: AgentAudioFormat = 'ulaw_8000', frameMs = 20) {
  const pipe = { sent: [] as string[], buffered: 0 }
  const uplink = createUplink({
    socket: {
      // As ws does: what is handed over is copied before `send` returns.
      send: (text) => void pipe.sent.push(text.toString()),
      bufferedBytes: () => pipe.buffered,
    },
    codec: createAgentCodec(format, 'ulaw_8000'),
    format,
    frameMs,
  })
  return Object.assign(pipe, { uplink })
}

function audioIn(message: string | undefined): Buffer {
  const parsed = JSON.parse(message ?? '') as Record<string, string>
  t.strictSame(Object.keys(parsed), ['user_audio_chunk'])
  return Buffer.from(parsed['user_audio_chunk']!, 'base64')
}

t.test('the message is the JSON it stands for, whatever the bytes and however many', async (t) => {
  const all = Uint8Array.from({ length: 2048 }, (_, code) => (code * 7) % 256)
  const views = [all.subarray(3, 8), all.subarray(96, 256), all.subarray(1, 161), all]
  for (let length = 1; length < 500; length += 1) views.push(all.subarray(500, 500 + length))
  for (const view of views) {
    t.ok(audioIn(callerMessage(view).toString()).equals(Buffer.from(view)), `${view.length} bytes`)
  }
  t.equal(callerMessage(all), callerMessage(all), 'one buffer a size')
  t.not(callerMessage(all), callerMessage(all.subarray(0, 160)))
})

t.test('the size on the wire is known: header, mask, JSON', async (t) => {
  for (const bytes of [1, 60, 160, 320, 640, 5760, 60_000]) {
    const text = callerMessage(new Uint8Array(bytes)).length
    const header = text < 126 ? 6 : text < 65_536 ? 8 : 14
    t.equal(wireBytesOf(bytes), text + header, `${bytes}`)
  }
})

t.test('a frame of each format and grouping carries as much time', async (t) => {
  for (const format of AGENT_AUDIO_FORMATS) {
    for (const frameMs of [20, 40, 60]) {
      const { sent, uplink } = createPipe(format, frameMs)
      const frame = new Uint8Array(8 * frameMs).fill(0xff)
      for (let n = 0; n < 50; n += 1) uplink.send(frame, n % 2 === 0 ? 'PCMU' : 'PCMA')
      const bytes = sent.reduce((sum, message) => sum + audioIn(message).length, 0)
      const [kind, rate] = format.split('_')
      const expected = ((Number(rate) * frameMs * 50) / 1000) * (kind === 'pcm' ? 2 : 1)
      t.ok(Math.abs(bytes - expected) < Number(rate) / 100, `${format} ${frameMs}`, { bytes })
    }
  }
})

t.test('beyond two seconds waiting for the network, frames are dropped and counted', async (t) => {
  const table = [
    { format: 'ulaw_8000', frameMs: 20, bound: 100 * wireBytesOf(160) },
    { format: 'ulaw_8000', frameMs: 60, bound: (100 / 3) * wireBytesOf(480) },
    { format: 'pcm_48000', frameMs: 40, bound: 50 * wireBytesOf(3840) },
  ] as const
  for (const { format, frameMs, bound } of table) {
    const pipe = createPipe(format, frameMs)
    const frame = new Uint8Array(8 * frameMs)
    pipe.buffered = Math.floor(bound)
    pipe.uplink.send(frame, 'PCMU')
    pipe.buffered = Math.floor(bound) + 1
    pipe.uplink.send(frame, 'PCMU')
    pipe.uplink.send(frame, 'PCMU')
    t.equal(pipe.sent.length, 1)
    t.equal(pipe.uplink.droppedBytes(), 2 * frame.length, 'of the line')
    pipe.buffered = 0
    pipe.uplink.send(frame, 'PCMU')
    t.equal(pipe.sent.length, 2, 'and it goes on when the network does')
  }
})

t.test(
  'kept audio is never dropped and does not crowd out the live frames behind it',
  async (t) => {
    const line = Buffer.alloc(2000, 7)
    const early = Array.from({ length: 40 }, () => ({ line, codec: 'PCMU' as const }))
    const pipe = createPipe()
    pipe.uplink.sendEarly(early)
    t.equal(pipe.sent.length, 40)
    const pipe2 = createPipe()
    pipe2.buffered = 100_000
    pipe2.uplink.sendEarly(early)
    pipe2.uplink.send(new Uint8Array(160), 'PCMU')
    t.equal(pipe2.uplink.droppedBytes(), 0)
    pipe2.buffered = 10_000
    pipe2.uplink.send(new Uint8Array(160), 'PCMU')
    pipe2.buffered = 100_000
    pipe2.uplink.send(new Uint8Array(160), 'PCMU')
    const why = 'once the backlog is gone the bound is two seconds again'
    t.equal(pipe2.uplink.droppedBytes(), 160, why)
  },
)

t.test('early audio keeps the newest ten seconds, by copy', async (t) => {
  const early = createEarlyAudio()
  const frame = Buffer.alloc(160)
  let lost = 0
  for (let n = 0; n < 600; n += 1) {
    frame.fill(n % 256)
    lost += early.keep(frame, 'PCMU')
  }
  const kept = Buffer.concat(early.pieces().map(({ line }) => line))
  t.equal(kept.length, 80_000)
  t.equal(lost, 16_000)
  t.equal(kept[0], 100)
  t.equal(kept[79_999], 599 % 256)
  t.ok(
    early.pieces().every(({ line }) => line.length <= 2000),
    'in pieces of 250 ms',
  )
  t.equal(early.pieces().length, 42, 'and it stays, for a second attempt')
  early.forget()
  t.strictSame(early.pieces(), [])
})

t.test('each piece of early audio is of one codec, in order', async (t) => {
  const early = createEarlyAudio()
  for (let n = 0; n < 12; n += 1) {
    early.keep(Buffer.alloc(160, n), n < 3 || n > 8 ? 'PCMU' : 'PCMA')
  }
  early.keep(Buffer.alloc(5000, 12), 'PCMU')
  early.keep(Buffer.alloc(160, 13), 'PCMU')
  t.strictSame(
    early.pieces().map(({ line, codec }) => [codec, line[0], line.length]),
    [
      ['PCMU', 0, 480],
      ['PCMA', 3, 960],
      ['PCMU', 9, 480],
      ['PCMU', 12, 5000],
      ['PCMU', 13, 160],
    ],
  )
})
