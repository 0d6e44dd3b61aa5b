// How loud both sides of a recording were, against a count of our own.
import { Readable } from 'node:stream'
import t from 'tap'
import { wavHeader } from '../../../bridge/record/wav-format.ts'
import { MOST_STRETCHES, scanPeaks } from '../../../control-api/calls/peaks/peak-scan.ts'
import { renderPeaks } from '../../../control-api/calls/peaks/peaks-view.ts'
import { wav } from '../../support/wav-file.ts'

interface Drawn {
  readonly duration_seconds: number
  readonly offset_ms: number
  readonly points_per_second: number
  readonly channels: { readonly caller: readonly number[]; readonly agent: readonly number[] }
}
const noise = (): Buffer =>
  wav(
    12.345,
    (at) => Math.round((at * 9973) % 32_767),
    () => -32_768,
  )

/** In pieces of so many bytes. */
const inPieces = (bytes: Buffer, size: number): Readable =>
  Readable.from(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    ),
    { objectMode: false },
  )

/** The plain way. */
function counted(bytes: Buffer, perValue: number): { caller: number[]; agent: number[] } {
  const sides = { caller: [] as number[], agent: [] as number[] }
  const pairs = (bytes.length - 44) / 4
  for (let at = 0; at < pairs; at += 1) {
    const index = Math.floor(at / perValue)
    const left = Math.abs(bytes.readInt16LE(44 + at * 4))
    const right = Math.abs(bytes.readInt16LE(46 + at * 4))
    sides.caller[index] = Math.max(sides.caller[index] ?? 0, left)
    sides.agent[index] = Math.max(sides.agent[index] ?? 0, right)
  }
  const scaled = (some: number[]): number[] => some.map((one) => Math.round((one * 127) / 32_768))
  return { caller: scaled(sides.caller), agent: scaled(sides.agent) }
}

async function drawn(bytes: Buffer, points: number, size = 65_536): Promise<Drawn> {
  const peaks = await scanPeaks(inPieces(bytes, size), bytes.length)
  if (!peaks) throw new Error('no peaks')
  return JSON.parse(await renderPeaks(peaks, { points, offsetMs: 7 })) as Drawn
}

t.test('each value is the largest of its slice, however the file comes', async (t) => {
  const bytes = noise()
  for (const size of [65_536, 1000, 997, 7]) {
    const found = await drawn(bytes, 200_000, size)
    t.equal(found.points_per_second, 200, 'no finer')
    t.equal(found.duration_seconds, 12.345)
    t.same(found.channels, counted(bytes, 40), `pieces of ${size}`)
  }
  for (const points of [1, 2, 3, 100, 617, 1000]) {
    const found = await drawn(bytes, points)
    const { caller } = found.channels
    t.ok(caller.length <= points, 'no more than asked for', { points, found: caller.length })
    t.same(found.channels, counted(bytes, 8000 / found.points_per_second), `${points} points`)
    t.ok(caller.length * 2 > points || points === 1, 'and not many fewer')
  }
})

t.test('full scale is 127, silence is 0', async (t) => {
  const { channels } = await drawn(
    wav(
      0.1,
      () => 32_767,
      () => 0,
    ),
    10,
  )
  t.same(
    channels.caller,
    Array.from({ length: 10 }, () => 127),
  )
  t.same(
    channels.agent,
    Array.from({ length: 10 }, () => 0),
  )
})

t.test('files that are no recordings of ours, or not all of one', async (t) => {
  const bytes = wav(
    1,
    () => 1000,
    () => 2000,
  )
  const scan = (file: Buffer) => scanPeaks(inPieces(file, 10), file.length)
  const changed = (at: number, value: number): Buffer => {
    const copy = Buffer.from(bytes)
    copy.writeUInt16LE(value, at)
    return copy
  }
  const foreign: [string, Buffer][] = [
    ['text', Buffer.alloc(9000, 'a')],
    ['nothing', Buffer.alloc(0)],
    ['no end of a head', Buffer.concat([bytes.subarray(0, 36), Buffer.alloc(9000)])],
    ['A-law', changed(20, 6)],
    ['mono', changed(22, 1)],
    ['8 bits', changed(34, 8)],
    ['no rate', changed(24, 0)],
    ['a head that breaks off', bytes.subarray(0, 30)],
  ]
  for (const [what, file] of foreign) t.equal(await scan(file), undefined, what)
  t.equal((await scan(bytes.subarray(0, 44 + 3999)))?.samples, 999, 'shorter than its head says')
  t.equal((await scan(Buffer.concat([bytes, Buffer.alloc(500)])))?.samples, 8000, 'longer')
  const empty = await scan(wavHeader(0))
  t.equal(empty?.samples ?? 0, 0)
  const list = Buffer.from('LIST\x03\0\0\0abc\0', 'latin1')
  const withTexts = Buffer.concat([bytes.subarray(0, 36), list, bytes.subarray(36)])
  t.equal((await scan(withTexts))?.caller[3], 1000, 'texts before the audio are passed over')
})

t.test('a day of audio takes no more memory than an hour', async (t) => {
  const pairs = 24 * 3600 * 8000
  // The head alone: as much is set aside for what it promises, and no more.
  const head = wavHeader(pairs * 4)
  const peaks = await scanPeaks(
    inPieces(Buffer.concat([head, Buffer.alloc(4000)]), 65_536),
    44 + pairs * 4,
  )
  t.ok((peaks?.caller.buffer.byteLength ?? 0) <= MOST_STRETCHES * 2)
  t.equal((peaks?.stretch ?? 0) % 40, 0)
})
