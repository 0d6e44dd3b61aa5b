// What a carrier would certify: every SIPp scenario of this folder, unchanged on each SIP server that is here.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { sippOptions } from '../../support/sipp.ts'
import { FAILOVER, INBOUND, OUTBOUND, type Expectation } from './expectations.ts'
import { CARRIER_IN, playFailover, playInbound, playOutbound } from './play-scenario.ts'
import { STAGES } from './stages.ts'
import { startSuiteProduct, type SuiteProduct } from './suite-product.ts'

// Each stage takes some ten seconds.
t.setTimeout(110_000)

/** Each has a SIPp of its own, mostly waiting. */
const AT_ONCE = 8

type Play = (t: Test, product: SuiteProduct, name: string, expected: Expectation) => Promise<void>

t.test('each scenario is expected to leave something behind', async (t) => {
  const files = readdirSync(join(import.meta.dirname, 'scenarios')).map((file) =>
    file.replace(/\.xml$/, ''),
  )
  t.same(files.sort(), [...Object.keys(INBOUND), ...Object.keys(OUTBOUND)].sort())
})

for (const { name: stage, skip, prepare } of STAGES)
  t.test(
    `the carrier suite on ${stage}`,
    { ...sippOptions, ...(skip === undefined ? {} : { skip }) },
    async (t) => {
      const product = await startSuiteProduct(t, await prepare(t), CARRIER_IN)
      await t.test('scenarios', { jobs: AT_ONCE }, async (t) => {
        const add = (table: Readonly<Record<string, Expectation>>, play: Play): void => {
          for (const [name, expected] of Object.entries(table))
            void t.test(name, { buffered: true }, (t) => play(t, product, name, expected))
        }
        add(OUTBOUND, playOutbound)
        add(INBOUND, playInbound)
        for (const [scenario, expected] of FAILOVER)
          void t.test(
            `${scenario.first}, then ${scenario.second ?? 'nobody'}`,
            { buffered: true },
            (t) => playFailover(t, product, scenario, expected),
          )
      })
      await product.settled(t)
    },
  )
