// Caller audio on its way out: what it looks like, and what happens when the network does not keep up.
import t from 'tap'
import { createEarlyAudio } from '../../../bridge/elevenlabs/early-audio.ts'
import { createUplink } from '../../../bridge/elevenlabs/uplink.ts'

function createPipe(): {
  sent: string[]
  buffered: number
  uplink: ReturnType<typeof createUplink>
} {
  const pipe = { sent: [] as string[], buffered: 0 }
  const uplink = createUplink({
    // As ws does: what is handed over is copied before `send` returns.
    send: (text) => void pipe.sent.push(text.toString()),
    bufferedBytes: () => pipe.buffered,
  })
  return Object.assign(pipe, { uplink })
}

t.test('the message is the JSON it stands for, whatever the bytes', async (t) => {
  const { sent, uplink } = createPipe()
  const all = Uint8Array.from({ length: 256 }, (_, code) => code)
  uplink.send(all)
  uplink.send(all.subarray(3, 8)) // A view into a larger buffer.
  uplink.send(all.subarray(0, 160)) // Whole frames share one buffer.
  uplink.send(all.subarray(96, 256))
  const expectations = [all, all.subarray(3, 8), all.subarray(0, 160), all.subarray(96, 256)]
  for (const [at, expected] of expectations.entries()) {
    const message = JSON.parse(sent[at]!) as Record<string, string>
    t.strictSame(Object.keys(message), ['user_audio_chunk'])
    t.ok(Buffer.from(message['user_audio_chunk']!, 'base64').equals(Buffer.from(expected)))
  }
})

t.test('beyond two seconds waiting for the network, frames are dropped and counted', async (t) => {
  const pipe = createPipe()
  const frame = new Uint8Array(160)
  pipe.buffered = 24_800
  pipe.uplink.send(frame)
  pipe.buffered = 24_801
  pipe.uplink.send(frame)
  pipe.uplink.send(frame)
  t.equal(pipe.sent.length, 1)
  t.equal(pipe.uplink.droppedBytes(), 320)
  pipe.buffered = 0
  pipe.uplink.send(frame)
  t.equal(pipe.sent.length, 2, 'and it goes on when the network does')
})

t.test(
  'kept audio is never dropped and does not crowd out the live frames behind it',
  async (t) => {
    const pipe = createPipe()
    pipe.uplink.sendEarly(Buffer.alloc(80_000, 7))
    t.equal(pipe.sent.length, 40)
    const pipe2 = createPipe()
    pipe2.buffered = 100_000
    pipe2.uplink.sendEarly(Buffer.alloc(80_000))
    pipe2.uplink.send(new Uint8Array(160))
    t.equal(pipe2.uplink.droppedBytes(), 0)
    pipe2.buffered = 10_000
    pipe2.uplink.send(new Uint8Array(160))
    pipe2.buffered = 100_000
    pipe2.uplink.send(new Uint8Array(160))
    t.equal(
      pipe2.uplink.droppedBytes(),
      160,
      'once the backlog is gone the bound is two seconds again',
    )
  },
)

t.test('early audio keeps the newest ten seconds, by copy', async (t) => {
  const early = createEarlyAudio()
  const frame = Buffer.alloc(160)
  for (let n = 0; n < 600; n += 1) {
    frame.fill(n % 256)
    early.keep(frame)
  }
  const kept = early.take()
  t.equal(kept.length, 80_000)
  t.equal(early.droppedBytes, 16_000)
  t.equal(kept[0], 100)
  t.equal(kept[79_999], 599 % 256)
  t.equal(early.take().length, 0)
})
