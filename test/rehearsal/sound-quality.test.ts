// The line about the sound: what the product counted, and nothing that it does not know.
import t from 'tap'
import { PLAIN, renderScenario } from '../../rehearsal/report.ts'
import { judge } from '../../rehearsal/result.ts'
import { soundQualityOf } from '../../rehearsal/sound-quality.ts'
import type { Take } from '../../rehearsal/take.ts'
import { aTake, aTimeline, EXPECTED, T0 } from './a-take.ts'

const counted = (fields: object): Take =>
  aTake({
    timeline: [...aTimeline(), { at: T0 + 7004, type: 'media.summary', fields: { ...fields } }],
  })

const WHOLE = {
  received: { packets: 951, lost: 49, jitter_ms: 11, mos: 3.64 },
  sent: { packets: 1000, lost: 51, jitter_ms: 9, mos: 3.71 },
  round_trip_ms: 12.3,
  concealed_ms: 640,
}
const WORDS =
  'received 4.9 % lost, 640 ms concealed, MOS 3.6; sent 5.1 % lost, MOS 3.7; round trip 12 ms'

t.test('both ways, in one line of the block', async (t) => {
  t.equal(soundQualityOf(counted(WHOLE)), WORDS)
  const lines = renderScenario(judge(EXPECTED, counted(WHOLE), 0.08), PLAIN).split('\n')
  t.ok(lines.includes(`  sound  ${WORDS}`))
  for (const line of lines) t.ok(line.length <= 100, 'fits in 100 columns', { line })
})

t.test('what is unknown is left out', async (t) => {
  const unknown = { packets: 100, lost: null, jitter_ms: null, mos: null }
  const words = soundQualityOf(counted({ ...WHOLE, sent: unknown, round_trip_ms: null }))
  t.equal(words, 'received 4.9 % lost, 640 ms concealed, MOS 3.6')
  const nothing = { received: { packets: 0, lost: 0, mos: null }, sent: unknown, concealed_ms: 0 }
  t.equal(soundQualityOf(counted(nothing)), 'received 0 ms concealed')
})

t.test('packets that came twice are no loss below none', async (t) => {
  const sent = { packets: 100, lost: -2, mos: 4.4 }
  t.match(
    soundQualityOf(counted({ ...WHOLE, sent, round_trip_ms: 0.42 })),
    /; sent 0\.0 % lost, MOS 4\.4; round trip 0\.4 ms$/,
  )
})

t.test('a call without a summary has no such line', async (t) => {
  t.equal(soundQualityOf(aTake()), null)
  t.notMatch(renderScenario(judge(EXPECTED, aTake(), 0.08), PLAIN), '  sound  ')
})
