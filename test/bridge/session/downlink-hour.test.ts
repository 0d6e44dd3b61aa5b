// An hour of sending in seconds: the real pacer under a clock of ours, with a thread that is always a little late and
// now and then stands still.
import t, { type Test } from 'tap'
import { FramePacer } from '../../../bridge/audio/frame-pacer.ts'
import { SourceGate } from '../../../bridge/rtp/source-gate.ts'
import { Downlink } from '../../../bridge/session/downlink.ts'
import { RtpOutlet } from '../../../bridge/session/outlet.ts'
import { createMediaTally, Tally } from '../../../bridge/worker/tally.ts'
import { remoteRtp } from '../../support/remote-rtp.ts'
import { seededRandom } from '../rtp/seeded-random.ts'
import { keepingSocket } from './downlink-stage.ts'

const HOUR_MS = 3_600_000
const SPEECH = 0x21

/** Node's timers, run by hand: time jumps from one to the next. */
function virtualTimers(t: Test) {
  const time = { ms: 0 }
  const timers = new Map<object, { readonly dueMs: number; readonly run: () => void }>()
  const { setTimeout: realSet, clearTimeout: realClear } = globalThis
  t.teardown(() => Object.assign(globalThis, { setTimeout: realSet, clearTimeout: realClear }))
  const set = (run: () => void, ms: number): object => {
    const timer = {}
    timers.set(timer, { dueMs: time.ms + Math.max(1, Math.trunc(ms)), run })
    return timer
  }
  const clear = (timer: object): void => void timers.delete(timer)
  Object.assign(globalThis, { setTimeout: set, clearTimeout: clear })
  return {
    time,
    /** Runs the next timer, `lateMs` after it was due. */
    next: (lateMs: number): void => {
      let first: [object, { readonly dueMs: number; readonly run: () => void }] | null = null
      for (const entry of timers)
        if (first === null || entry[1].dueMs < first[1].dueMs) first = entry
      if (first === null) throw new Error('no timer is set')
      timers.delete(first[0])
      time.ms = Math.max(time.ms, first[1].dueMs + lateMs)
      first[1].run()
    },
  }
}

t.test('an hour: no drift, no burst, no byte lost, stalls skipped', async (t) => {
  const seed = 41
  const random = seededRandom(seed)
  const { time, next } = virtualTimers(t)
  const now = () => time.ms
  const { sent, socket } = keepingSocket(now)
  const gate = new SourceGate()
  gate.announce(remoteRtp({ address: '192.0.2.1', port: 4000 }))
  const pacer = new FramePacer({ now, onLateFrames: () => undefined })
  let skipped = 0
  let spoken = 0
  let told = 0
  let heardMs = 0
  const downlink = new Downlink({
    outlet: new RtpOutlet(gate, socket),
    gate,
    pacer,
    tally: createMediaTally(new Tally()),
    now,
    onFrame: (_nowMs, skippedFrames) => (skipped += skippedFrames),
    onFirstPacket: () => undefined,
    onUtterance: (heard) => {
      told += 1
      heardMs += heard.heardMs
    },
    onPrompt: () => undefined,
  })
  downlink.start()
  let nextSpurtMs = 500
  let utterances = 0
  const stalls: number[] = []
  while (time.ms < HOUR_MS) {
    let late = random() * 2
    if (random() < 0.001) stalls.push((late = 30 + random() * 1500))
    next(late)
    if (time.ms < nextSpurtMs) continue
    time.ms += random() * 5
    const length = 800 + Math.floor(random() * 40_000)
    utterances += 1
    spoken += length
    downlink.play(new Uint8Array(length).fill(SPEECH), utterances)
    nextSpurtMs = time.ms + length / 8 + 800 + random() * 4000
  }
  downlink.stop()
  pacer.close()

  const first = sent[0]!
  const leads = sent.map(
    ({ atMs, timestamp }) => ((timestamp - first.timestamp) >>> 0) / 8 - (atMs - first.atMs),
  )
  const figures = {
    seed,
    packets: sent.length,
    skipped,
    stalls: stalls.length,
    utterances,
    largestLeadMs: leads.reduce((most, lead) => Math.max(most, lead), 0),
    lastLeadMs: leads.at(-1),
  }
  t.comment(JSON.stringify(figures))
  t.ok(stalls.length > 50, 'it stood still now and then', figures)
  const gaps = sent.slice(1).map(({ timestamp }, index) => (timestamp - sent[index]!.timestamp) | 0)
  t.ok(
    gaps.every((gap) => gap >= 160),
    'timestamps never overlap or fall',
  )
  t.ok(
    sent
      .slice(1)
      .every(({ sequence }, index) => ((sequence - sent[index]!.sequence) & 0xffff) === 1),
    'one sequence number a packet',
  )
  t.ok(figures.largestLeadMs < 25, 'never more than a frame ahead of the wall clock', figures)
  t.ok(Math.abs(figures.lastLeadMs ?? 99) < 25, 'no drift after an hour', figures)
  const lag = leads.reduce((sum, lead) => sum + lead, 0) / leads.length
  t.ok(Math.abs(lag) < 10, 'on the clock in the mean', { lag })

  // Whatever stood still, 100 ms never hold more than their five packets and the one a spurt brings forward.
  let busiest = 0
  for (let from = 0, to = 0; to < sent.length; to += 1) {
    while (sent[to]!.atMs - sent[from]!.atMs >= 100) from += 1
    busiest = Math.max(busiest, to - from + 1)
  }
  t.ok(busiest <= 7, 'no burst', { busiest })
  const frames = sent.length + skipped
  t.ok(Math.abs(frames - HOUR_MS / 20) < utterances * 2, 'every frame is accounted for', { frames })

  const heard = sent.reduce(
    (count, { payload }) => count + payload.filter((byte) => byte === SPEECH).length,
    0,
  )
  t.equal(told, utterances, 'each utterance is told once')
  t.ok(Math.abs(heard - heardMs * 8) < utterances * 8, 'with what left of it', { heard, heardMs })
  t.ok(spoken - heard < 48_000, 'and all but the last is heard whole', { spoken, heard })
})
