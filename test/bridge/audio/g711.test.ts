// Both laws against alawmulaw, sample by sample, and from one law to the other.
import alawmulaw from 'alawmulaw'
import t from 'tap'
import { decodeUlaw, encodeUlaw, g711, translate } from '../../../bridge/audio/g711.ts'
import { silentFrame } from '../../../bridge/audio/silence.ts'
import { ALAW_SILENCE, FRAME_BYTES, ULAW_SILENCE } from '../../../core/contracts/index.ts'

const LAWS = { PCMU: alawmulaw.mulaw, PCMA: alawmulaw.alaw } as const
const CODES = Array.from({ length: 256 }, (_, code) => code)

for (const codec of ['PCMU', 'PCMA'] as const) {
  const law = g711(codec)

  t.test(`${codec}: all 65,536 samples are coded as alawmulaw codes them`, async (t) => {
    const wrong: number[] = []
    for (let sample = -32_768; sample < 32_768; sample += 1) {
      const expected = LAWS[codec].encodeSample(sample) & 0xff
      if (law.encode(sample) !== expected || law.codes[sample + 32_768] !== expected) {
        wrong.push(sample)
      }
    }
    t.same(wrong, [])
  })

  t.test(`${codec}: all codes are decoded as alawmulaw decodes them`, async (t) => {
    t.same(
      [...law.decode],
      CODES.map((code) => LAWS[codec].decodeSample(code)),
    )
    t.equal(g711(codec), law, 'one object')
  })

  t.test(`${codec}: a code comes back, but for minus zero`, async (t) => {
    const changed = CODES.filter((code) => law.encode(law.decode[code] ?? 0) !== code)
    t.same(changed, codec === 'PCMU' ? [0x7f] : [])
  })
}

t.test('from one law to the other goes to the nearest value, with its sign', async (t) => {
  for (const [from, to] of [
    ['PCMU', 'PCMA'],
    ['PCMA', 'PCMU'],
  ] as const) {
    const table = translate(from, to)!
    const values = [...g711(to).decode]
    for (const code of CODES) {
      const value = g711(from).decode[code]!
      const nearest = Math.min(...values.map((candidate) => Math.abs(candidate - value)))
      const got = g711(to).decode[table[code]!]!
      if (Math.abs(got - value) !== nearest) t.fail(`${from} ${code}: ${value} became ${got}`)
      if (((code ^ table[code]!) & 0x80) !== 0) t.fail(`${from} ${code} changed its sign`)
    }
  }
  t.equal(translate('PCMU', 'PCMU'), null)
  t.equal(translate('PCMA', 'PCMA'), null)
  t.equal(translate('PCMU', 'PCMA')?.[ULAW_SILENCE], ALAW_SILENCE, 'silence is silence')
})

t.test('silence is the quietest code, 20 ms of it', async (t) => {
  t.same([...silentFrame('PCMU')], new Array(FRAME_BYTES).fill(0xff))
  t.same([...silentFrame('PCMA')], new Array(FRAME_BYTES).fill(0xd5))
  for (const codec of ['PCMU', 'PCMA'] as const) {
    t.equal(g711(codec).silence, silentFrame(codec)[0])
    t.equal(g711(codec).silence, g711(codec).encode(0))
  }
})

t.test('whole pieces of µ-law', async (t) => {
  const linear = Int16Array.from({ length: 65_536 }, (_, at) => at - 32_768)
  t.same([...encodeUlaw(linear)], [...alawmulaw.mulaw.encode(linear)])
  t.same([...decodeUlaw(Uint8Array.from(CODES))], [...g711('PCMU').decode])
})
