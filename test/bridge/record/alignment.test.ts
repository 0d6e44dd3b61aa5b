// Alignment of both sides on a virtual clock: jitter, holes, bursts, skewed clocks, an hour.
import { open } from 'node:fs/promises'
import t from 'tap'
import { FRAME_BYTES } from '../../../core/contracts/index.ts'
import { decoded, noise, placeOf, recordStage, silence, type RecordStage } from './stage.ts'

const FRAME_MS = 20
/** What a listener would not notice, and what was asked for. */
const LIMIT_SAMPLES = 100 * 8
/** The middle of a piece: corrections happen at its edges. */
const MIDDLE = [30, 130] as const

interface Piece {
  readonly arrivesAtMs: number
  readonly line: Uint8Array
}

/** Plays the caller's pieces in the order of arrival, and an agent's frame each 20 ms. */
async function play(
  stage: RecordStage,
  pieces: Iterable<Piece>,
  agentAt: (atMs: number) => Uint8Array,
): Promise<void> {
  let tickMs = 0
  for (const { arrivesAtMs, line } of pieces) {
    for (; tickMs <= arrivesAtMs; tickMs += FRAME_MS) {
      stage.atMs = tickMs
      stage.frame(agentAt(tickMs))
      // Virtual time is faster than any disk: what waits for it must stay below the recorder's bound.
      if (tickMs % 2000 === 0) await stage.caughtUp()
    }
    stage.atMs = arrivesAtMs
    stage.recorder.caller(line, 'PCMU')
  }
}

const pieceAt = (said: Uint8Array, index: number): Uint8Array =>
  said.subarray(index * FRAME_BYTES, (index + 1) * FRAME_BYTES)

/** How far each 50th piece is from where it was said, in samples. */
function errorsOf(caller: Int16Array, said: Uint8Array, ratio = 1): number[] {
  const errors: number[] = []
  for (let index = 0; (index + 1) * FRAME_BYTES <= said.length; index += 50) {
    const wanted = decoded(pieceAt(said, index).subarray(...MIDDLE))
    const due = Math.round(index * FRAME_BYTES * ratio) + MIDDLE[0]
    const from = Math.max(0, due - 16_000)
    const at = placeOf(caller.subarray(from, due + 16_000), wanted)
    errors.push(at < 0 ? Number.NaN : at + from - due)
  }
  return errors
}

const worst = (errors: readonly number[]): number =>
  Math.max(...errors.map((error) => (Number.isNaN(error) ? Infinity : Math.abs(error))))

/** Deterministic, 0 to 1. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

t.test('jitter of 200 ms either way tears no hole and moves nothing', async (t) => {
  const stage = await recordStage(t)
  const said = noise(3000 * FRAME_BYTES)
  const random = randomFrom(7)
  let lastMs = 0
  const pieces = Array.from({ length: 3000 }, (_, index): Piece => {
    // In order, as the receiver delivers them; never before the call began.
    const dueMs = (index + 1) * FRAME_MS + (random() * 2 - 1) * 200
    lastMs = Math.max(lastMs, dueMs)
    return { arrivesAtMs: lastMs, line: pieceAt(said, index) }
  })
  await play(stage, pieces, () => silence(FRAME_BYTES))
  const { caller } = await stage.heard()
  const errors = errorsOf(caller, said)
  t.ok(worst(errors) <= LIMIT_SAMPLES, `worst ${worst(errors) / 8} ms`)
})

t.test('where nothing came is silence; what comes after is in its place', async (t) => {
  for (const holeMs of [120, 240, 280, 400, 1500, 20_000]) {
    const stage = await recordStage(t)
    const said = noise(400 * FRAME_BYTES)
    const pieces = Array.from({ length: 400 }, (_, index): Piece => {
      const dueMs = (index + 1) * FRAME_MS + (index < 200 ? 0 : holeMs)
      return { arrivesAtMs: dueMs, line: pieceAt(said, index) }
    })
    await play(stage, pieces, () => silence(FRAME_BYTES))
    const { caller } = await stage.heard()
    t.equal(placeOf(caller, decoded(pieceAt(said, 0))), 0)
    const late = placeOf(caller, decoded(pieceAt(said, 399).subarray(...MIDDLE)))
    const due = 399 * FRAME_BYTES + holeMs * 8 + MIDDLE[0]
    t.ok(Math.abs(late - due) <= LIMIT_SAMPLES, `${holeMs} ms: ${(late - due) / 8} ms off`)
  }
})

t.test('a burst after a stall goes where it was said', async (t) => {
  for (const stallMs of [100, 260, 400, 500]) {
    const stage = await recordStage(t)
    const said = noise(300 * FRAME_BYTES)
    const stalled = (dueMs: number): number =>
      dueMs > 2000 && dueMs <= 2000 + stallMs ? 2000 + stallMs : dueMs
    const pieces = Array.from({ length: 300 }, (_, index): Piece => {
      return { arrivesAtMs: stalled((index + 1) * FRAME_MS), line: pieceAt(said, index) }
    })
    await play(stage, pieces, () => silence(FRAME_BYTES))
    const { caller } = await stage.heard()
    const errors = errorsOf(caller, said)
    t.ok(worst(errors) <= 160, `${stallMs} ms: worst ${worst(errors) / 8} ms`)
    t.equal(placeOf(caller, decoded(said.subarray(0, 90 * FRAME_BYTES))), 0)
  }
})

t.test('audio held since the answer comes at once, and belongs at the beginning', async (t) => {
  const stage = await recordStage(t)
  const said = noise(200 * FRAME_BYTES)
  const pieces = Array.from({ length: 200 }, (_, index): Piece => {
    return { arrivesAtMs: Math.max(500, (index + 1) * FRAME_MS), line: pieceAt(said, index) }
  })
  await play(stage, pieces, () => silence(FRAME_BYTES))
  const { caller } = await stage.heard()
  t.equal(placeOf(caller, decoded(said)), 0)
})

t.test('silence that was made for late audio gives way when that comes after all', async (t) => {
  const stage = await recordStage(t)
  const said = noise(300 * FRAME_BYTES)
  const pieces: Piece[] = []
  for (let index = 0; index < 300; index += 1) {
    const dueMs = (index + 1) * FRAME_MS
    const isLate = index >= 100 && index < 140
    // The caller's timeline made silence meanwhile; then all comes at once.
    if (isLate) pieces.push({ arrivesAtMs: dueMs, line: silence(FRAME_BYTES) })
    if (index === 140)
      for (let late = 100; late < 140; late += 1)
        pieces.push({ arrivesAtMs: dueMs, line: pieceAt(said, late) })
    if (!isLate) pieces.push({ arrivesAtMs: dueMs, line: pieceAt(said, index) })
  }
  await play(stage, pieces, () => silence(FRAME_BYTES))
  const { caller } = await stage.heard()
  t.ok(placeOf(caller, decoded(said.subarray(100 * FRAME_BYTES, 140 * FRAME_BYTES))) > 0, 'whole')
  const errors = errorsOf(caller, said)
  t.ok(
    Math.abs(errors.at(-1) ?? Infinity) <= LIMIT_SAMPLES,
    `${errors.map((error) => error / 8).join(', ')} ms`,
  )
})

for (const skew of [-0.001, 0, 0.001]) {
  t.test(`an hour with a caller's clock ${skew * 100} % off does not drift`, async (t) => {
    const stage = await recordStage(t)
    const said = noise(50 * FRAME_BYTES, 5)
    const answered = noise(50 * FRAME_BYTES, 6)
    const frames = 3600 * 50
    const isMarked = (index: number): boolean => index % 3000 < 50
    const quiet = silence(FRAME_BYTES)
    function* pieces(): Generator<Piece> {
      for (let index = 0; index < frames; index += 1) {
        const arrivesAtMs = (index + 1) * FRAME_MS * (1 + skew)
        yield { arrivesAtMs, line: isMarked(index) ? pieceAt(said, index % 3000) : quiet }
      }
    }
    await play(stage, pieces(), (atMs) => {
      const frame = Math.round(atMs / FRAME_MS)
      return isMarked(frame) ? pieceAt(answered, frame % 3000) : quiet
    })
    const file = await stage.recorder.finish()
    t.same(stage.failures, [])
    t.ok(Math.abs((file?.durationMs ?? 0) - 3_600_000 * (1 + skew)) < 100, `${file?.durationMs} ms`)
    let worstCaller = 0
    for (let minute = 0; minute < 60; minute += 1) {
      const start = minute * 60 * 8000
      const agent = await cut(stage.path, 'agent', start, 16_000)
      t.equal(placeOf(agent, decoded(answered)), 0, 'the agent is exact')
      const due = Math.round(start * (1 + skew))
      const caller = await cut(stage.path, 'caller', Math.max(0, due - 8000), 24_000)
      const at = placeOf(caller, decoded(said.subarray(...MIDDLE)))
      t.ok(at >= 0, `minute ${minute} is there`)
      const error = at + Math.max(0, due - 8000) - due - MIDDLE[0]
      worstCaller = Math.max(worstCaller, Math.abs(error))
    }
    t.ok(worstCaller <= LIMIT_SAMPLES, `the caller: worst ${worstCaller / 8} ms`)
  })
}

async function cut(
  path: string,
  side: 'caller' | 'agent',
  from: number,
  samples: number,
): Promise<Int16Array> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(samples * 4),
      0,
      samples * 4,
      44 + from * 4,
    )
    const shift = side === 'caller' ? 0 : 2
    return Int16Array.from({ length: bytesRead >> 2 }, (_, at) =>
      buffer.readInt16LE(at * 4 + shift),
    )
  } finally {
    await file.close()
  }
}
