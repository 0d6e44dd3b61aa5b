// A short slice of `npm run proof -- overload`: ten slots, and two seconds of talk; and that its judge knows bad sound.
import t from 'tap'
import type { LineQuality } from '../../proof/overload/line-load.ts'
import { runOverload } from '../../proof/overload/overload.ts'
import { judgeQuality } from '../../proof/overload/quality.ts'
import { runRateLimits } from '../../proof/overload/rate-limits.ts'
import { SILENT } from '../../proof/progress.ts'

t.setTimeout(60_000)

t.test('fifteen calls for ten slots', async (t) => {
  const { evidence, figures, problems } = await runOverload({
    ...{ capacity: 10, seconds: 2 },
    progress: SILENT,
  })
  t.comment(figures.join('\n'))
  t.same(problems, [], 'ten are taken and sound well, five are refused and cost nothing', {
    figures,
    evidence,
  })
})

t.test('more calls a second than are allowed, with slots to spare', async (t) => {
  const { figures, problems } = await runRateLimits()
  t.comment(figures.join('\n'))
  t.same(problems, [], 'a second’s worth is taken; the rest is told to come again', { figures })
})

/** A hundred lines for fifteen seconds, good but for the changes. */
function judged(strangers: number, changes: Partial<LineQuality> = {}): readonly string[] {
  const spread = { count: 100, p50: 1, p99: 2, max: 3 }
  const all = 75_000
  const quality: LineQuality = {
    ...{ packetsSent: all, packetsHeard: all, packetsLost: 0, packetsLate: 0, packetsUnsure: 0 },
    ...{ framesToAgents: all, framesToAgentsLost: 0, framesOfAgents: all },
    ...{ framesOfAgentsUnheard: 0, behindMs: spread, uplinkMs: spread, ...changes },
  }
  return judgeQuality(quality, { strangers, seconds: 15 }).problems
}

t.test(
  'the judge of the sound: nothing lost on a quiet machine, little on a busy one',
  async (t) => {
    const [quiet, busy] = [0, 1.8]
    t.same(judged(quiet), [])
    t.same(judged(busy), [])
    t.match(judged(quiet, { packetsLost: 1 }), [/^lost: 1 packets to callers/])
    t.same(judged(busy, { packetsLost: 100 }), [])
    for (const fiftieth of ['packetsLost', 'framesToAgentsLost', 'framesOfAgentsUnheard'] as const)
      t.match(judged(busy, { [fiftieth]: 1500 }), [/^lost: /], `one of fifty: ${fiftieth}`)
    t.match(judged(quiet, { packetsHeard: 73_000 }), [/^callers heard 73000 packets of 75000/])
    t.same(judged(busy, { packetsHeard: 73_000, framesToAgents: 73_000 }), [])
    t.match(judged(busy, { packetsHeard: 69_000 }), [/^callers heard/], 'more than a second behind')
    t.match(judged(busy, { framesToAgents: 69_000 }), [/^callers heard/])
    t.match(judged(quiet, { packetsLate: 100 }), [/^0\.13 % of packets late$/])
    t.same(judged(busy, { packetsLate: 100 }), [], 'lateness is not ours then')
    t.same(judged(quiet, { packetsLate: 100, packetsUnsure: 120 }), [], 'the load stood still, too')
    t.match(judged(quiet, { packetsLate: 400, packetsUnsure: 120 }), [/^0\.53 % of packets late$/])
  },
)
