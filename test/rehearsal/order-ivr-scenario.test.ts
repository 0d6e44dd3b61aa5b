// What the scenario of the order menu asks for: a take that has it passes, and each lack is said.
import t from 'tap'
import { ORDER_IVR } from '../../rehearsal/order-ivr-scenario.ts'
import type { MenuFacts, Take, TimelineFact } from '../../rehearsal/take.ts'
import { soundBytes } from '../../simulators/carrier/index.ts'
import { aCarrierRecord, aHearing, aTake, T0 } from './a-take.ts'

const STEPS = [
  { step: 'consent', answer: 'yes' },
  { step: 'order', answer: 'entry' },
  { step: 'order_confirm', answer: 'yes' },
  { step: 'help', answer: 'no' },
]
const MENU: MenuFacts = {
  steps: [...STEPS, { step: 'end', answer: null }],
  consentGiven: true,
  orders: ['4711'],
}
const KEY: TimelineFact = { at: T0, type: 'dtmf', fields: {} }
const TIMELINE: readonly TimelineFact[] = [
  ...STEPS.map((fields) => ({ at: T0, type: 'flow.answered', fields })),
  ...Array.from({ length: 8 }, () => KEY),
]
const VOICE = soundBytes({ speech: 'agent-greeting' })

const heard = (audio: Buffer) => aCarrierRecord({ byeBy: 'gateway', rtpIn: aHearing({ audio }) })

const complaints = (changes: Partial<Take>): readonly string[] =>
  ORDER_IVR.check(
    aTake({
      menu: MENU,
      timeline: TIMELINE,
      carrier: heard(Buffer.concat([VOICE, VOICE, VOICE])),
      ...changes,
    }),
  )

t.test('a caller who was led through is no complaint', async (t) => {
  t.same(complaints({}), [])
})

t.test('each lack is said', async (t) => {
  const cases: [Partial<Take>, RegExp][] = [
    [{ menu: null }, /consent is not in the record/],
    [{ menu: { ...MENU, consentGiven: false } }, /consent is not in the record/],
    [{ menu: { ...MENU, orders: [] } }, /0 orders are in the record/],
    [{ menu: { ...MENU, steps: STEPS.slice(1) } }, /the record has of the menu/],
    [{ timeline: TIMELINE.slice(1) }, /the timeline tells the menu as/],
    [{ timeline: TIMELINE.slice(0, -1) }, /7 keys were heard instead of 8/],
    [{ carrier: heard(Buffer.alloc(80_000, 0xff)) }, /the menu was heard for 0 ms/],
    [{ carrier: aCarrierRecord() }, /the gateway was to send BYE/],
  ]
  for (const [changes, complaint] of cases) t.match(complaints(changes).join('; '), complaint)
})
