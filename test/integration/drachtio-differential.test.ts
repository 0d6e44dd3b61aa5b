// The same application and the same far side on a real drachtio-server and on the embedded one: what goes over the wire
// is the same, but for the differences that are meant (test/support/differential/known-differences.ts).
import t from 'tap'
import { CALLS } from '../support/differential/call-scenarios.ts'
import { explains, KNOWN_DIFFERENCES } from '../support/differential/known-differences.ts'
import { differences, transcriptOf } from '../support/differential/normal-form.ts'
import { REQUESTS } from '../support/differential/request-scenarios.ts'
import {
  startEmbedded,
  startReal,
  type ServerUnderTest,
} from '../support/differential/server-under-test.ts'
import { SESSION_TIMERS } from '../support/differential/session-timer-scenarios.ts'
import { play } from '../support/differential/stage.ts'
import type { WireProtocol } from '../support/differential/wire-peer.ts'
import { drachtioServerOptions } from '../support/drachtio-server.ts'

const PROTOCOLS: readonly WireProtocol[] = ['udp', 'tcp']
const SCENARIOS = Object.entries({ ...CALLS, ...REQUESTS, ...SESSION_TIMERS })

t.test('beside a real drachtio-server', drachtioServerOptions, async (t) => {
  const real = await startReal()
  t.teardown(() => real.close())
  const embedded = await startEmbedded(PROTOCOLS)
  t.teardown(() => embedded.close())
  const seen = new Set<RegExp>()
  for (const protocol of PROTOCOLS)
    await t.test(`over ${protocol.toUpperCase()}`, async (t) => {
      for (const [name, scenario] of SCENARIOS)
        await t.test(name, async (t) => {
          const transcript = async (server: ServerUnderTest) =>
            transcriptOf(await play(server, protocol, scenario))
          const [theirs, ours] = await Promise.all([transcript(real), transcript(embedded)])
          t.ok(theirs.messages.size > 0, 'drachtio-server sends something')
          const unknown = differences(theirs, ours).filter((difference) => {
            const known = KNOWN_DIFFERENCES.find((each) =>
              explains(each, difference, { protocol, scenario: name }),
            )
            if (known !== undefined) seen.add(known.line)
            return known === undefined
          })
          t.strictSame(unknown, [], 'the same messages, but for what is meant')
        })
    })
  const stale = KNOWN_DIFFERENCES.filter(({ line }) => !seen.has(line)).map(({ why }) => why)
  t.strictSame(stale, [], 'each known difference still shows')
})
