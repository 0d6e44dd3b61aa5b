import { access, stat, writeFile } from 'node:fs/promises'
import t from 'tap'
import { FRAME_BYTES } from '../../../core/contracts/index.ts'
import { readWav } from '../../support/wav-reading.ts'
import { decoded, noise, placeOf, recordStage, settle, silence } from './stage.ts'

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
const frameOf = (line: Uint8Array, index: number): Uint8Array =>
  line.subarray(index * FRAME_BYTES, (index + 1) * FRAME_BYTES)

t.test('both sides are where they were said, sample for sample', async (t) => {
  const stage = await recordStage(t)
  const [said, answered] = [noise(5 * 8000, 1), noise(5 * 8000, 2)]
  for (let frame = 0; frame < 250; frame += 1) {
    stage.atMs = (frame + 1) * 20
    stage.recorder.caller(frameOf(said, frame), 'PCMA')
    stage.frame(frame >= 50 ? frameOf(answered, frame - 50) : silence(FRAME_BYTES))
    if (frame % 50 === 0) await settle(1)
  }
  const { caller, agent, durationMs } = await stage.heard()
  t.equal(placeOf(caller, decoded(said, 'PCMA')), 0, 'the caller, from the beginning')
  const spoken = decoded(answered.subarray(0, 200 * FRAME_BYTES))
  t.equal(placeOf(agent, spoken), 51 * FRAME_BYTES, 'the agent, on its tick')
  t.equal(durationMs, 5020)
  t.equal(caller.length, 5020 * 8, 'both sides are equally long')
  t.same(stage.failures, [])
})

t.test('skipped and unsent frames are silence, and what follows keeps its time', async (t) => {
  const stage = await recordStage(t)
  const said = noise(100 * FRAME_BYTES)
  for (let frame = 0; frame < 100; frame += 1) {
    stage.atMs = frame * 20
    const skipped = frame >= 20 && frame < 30
    const unsent = frame >= 60 && frame < 70
    if (!skipped) stage.frame(unsent ? null : frameOf(said, frame))
  }
  const { agent } = await stage.heard()
  const expected = decoded(said)
  expected.fill(0, 20 * FRAME_BYTES, 30 * FRAME_BYTES)
  expected.fill(0, 60 * FRAME_BYTES, 70 * FRAME_BYTES)
  t.equal(placeOf(agent, expected), 0)
})

t.test('a spurt that starts off the tick follows on, and gives the time back', async (t) => {
  const stage = await recordStage(t)
  const said = noise(4 * FRAME_BYTES)
  const frames = [
    { atMs: 0, aheadMs: 0 },
    { atMs: 5, aheadMs: 15 },
    { atMs: 25, aheadMs: 15 },
    { atMs: 60, aheadMs: 0 },
  ]
  for (const [index, { atMs, aheadMs }] of frames.entries()) {
    stage.atMs = atMs
    stage.frame(frameOf(said, index), aheadMs)
  }
  const { agent } = await stage.heard()
  t.equal(placeOf(agent, decoded(said.subarray(0, 3 * FRAME_BYTES))), 0, 'no overlap, no hole')
  t.equal(placeOf(agent, decoded(frameOf(said, 3))), 60 * 8, 'after 0–20, 20–40, 40–60')
})

t.test('a first frame that was served late moves nothing for long', async (t) => {
  const stage = await recordStage(t)
  const said = noise(200 * FRAME_BYTES)
  for (let frame = 0; frame < 200; frame += 1) {
    stage.atMs = frame * 20 + (frame === 0 ? 90 : 0)
    if (frame < 10 || frame >= 20) stage.frame(frameOf(said, frame), frame === 0 ? -90 : 0)
  }
  const { agent } = await stage.heard()
  const at = placeOf(agent, decoded(said.subarray(20 * FRAME_BYTES)))
  t.ok(Math.abs(at - 20 * FRAME_BYTES) <= 20 * 8, `${at / 8 - 400} ms off`)
})

t.test('a pause is silence on both sides, and times stay true', async (t) => {
  const stage = await recordStage(t)
  const [said, answered] = [noise(200 * FRAME_BYTES, 3), noise(200 * FRAME_BYTES, 4)]
  for (let frame = 0; frame < 200; frame += 1) {
    stage.atMs = (frame + 1) * 20
    if (frame === 50) stage.recorder.pause()
    if (frame === 150) stage.recorder.resume()
    stage.recorder.caller(frameOf(said, frame), 'PCMU')
    stage.frame(frameOf(answered, frame))
    t.equal(stage.recorder.state, frame >= 50 && frame < 150 ? 'paused' : 'recording')
  }
  const { caller, agent } = await stage.heard()
  const [heard, spoken] = [decoded(said), decoded(answered)]
  heard.fill(0, 50 * FRAME_BYTES, 150 * FRAME_BYTES)
  spoken.fill(0, 50 * FRAME_BYTES, 150 * FRAME_BYTES)
  t.same(caller.subarray(0, heard.length), heard)
  t.same(agent.subarray(FRAME_BYTES, FRAME_BYTES + spoken.length), spoken)
  t.equal(stage.recorder.state, 'ended')
})

t.test('a pause that never ends, and a long nothing, cost no disk', async (t) => {
  const stage = await recordStage(t)
  stage.recorder.caller(noise(FRAME_BYTES), 'PCMU')
  stage.atMs = 600_000
  stage.frame(null)
  const { durationMs } = await stage.heard()
  t.equal(durationMs, 600_000)
  const { size, blocks } = await stat(stage.path)
  t.equal(size, 44 + 600 * 32_000)
  t.ok(blocks * 512 < 200_000, `${blocks * 512} bytes on the disk`)
})

t.test('a recording of nothing leaves no file', async (t) => {
  for (const act of ['at once', 'null frames', 'paused'] as const) {
    const stage = await recordStage(t)
    if (act === 'paused') stage.recorder.pause()
    for (let frame = 0; act !== 'at once' && frame < 200; frame += 1) {
      stage.atMs = frame * 20
      stage.frame(act === 'paused' ? noise(FRAME_BYTES) : null)
    }
    t.equal(await stage.recorder.finish(), null, act)
    t.equal(await stage.recorder.finish(), null, 'and again')
    t.notOk(await exists(stage.path), act)
    t.same(stage.failures, [])
  }
})

t.test('nothing is taken after the end', async (t) => {
  const stage = await recordStage(t)
  stage.recorder.caller(noise(FRAME_BYTES), 'PCMU')
  stage.atMs = 20
  const file = await stage.recorder.finish()
  stage.atMs = 60_000
  stage.recorder.caller(noise(FRAME_BYTES), 'PCMU')
  stage.frame(noise(FRAME_BYTES))
  stage.recorder.pause()
  stage.recorder.resume()
  t.equal(stage.recorder.state, 'ended')
  t.same(await stage.recorder.finish(), file)
  t.equal((await stat(stage.path)).size, file?.bytes)
})

t.test('the file ends cleanly before it is too large for its format', async (t) => {
  const stage = await recordStage(t, { maxBytes: 44 + 3 * 32_000 + 400 })
  const said = noise(500 * FRAME_BYTES)
  for (let frame = 0; frame < 500; frame += 1) {
    stage.atMs = frame * 20
    stage.frame(frameOf(said, frame))
    if (frame % 50 === 0) await settle(1)
  }
  t.same(stage.failures, ['the file is as large as a WAV file may be'], 'told once')
  t.equal(stage.recorder.state, 'ended')
  const { agent } = await stage.heard()
  t.same(agent, decoded(said).subarray(0, 24_000), 'what was written stays')
  t.same(stage.failures.length, 1)
})

t.test('a file that cannot be made ends the recording, told once', async (t) => {
  const nowhere = await recordStage(t, { path: '/proc/nowhere/one.wav' })
  nowhere.recorder.caller(noise(FRAME_BYTES), 'PCMU')
  await settle()
  t.same(nowhere.failures, ['ENOENT'])
  t.equal(nowhere.recorder.state, 'ended')
  t.equal(await nowhere.recorder.finish(), null)

  const first = await recordStage(t)
  await first.heard().catch(() => undefined)
  await writeFile(first.path, 'another call')
  const second = await recordStage(t, { path: first.path })
  await settle()
  t.same(second.failures, ['EEXIST'])
  t.equal(await second.recorder.finish(), null)
  t.ok(await exists(first.path), 'a file of another is left alone')
})

t.test('a disk that stands still: the queue is bounded, what was written stays', async (t) => {
  const stage = await recordStage(t)
  const said = noise(1000 * FRAME_BYTES)
  // Without a turn of the event loop no write can come to its end.
  for (let frame = 0; frame < 1000; frame += 1) {
    stage.atMs = frame * 20
    stage.frame(frameOf(said, frame))
  }
  t.same(stage.failures, ['the disk does not keep up'])
  t.equal(stage.recorder.state, 'ended')
  const file = await stage.recorder.finish()
  t.ok(file === null || (await readWav(stage.path)).channels.length === 2)
})
