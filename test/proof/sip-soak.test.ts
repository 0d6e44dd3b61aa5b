// A short slice of `npm run proof -- sip-soak`, by timers that are ten times as fast.
import t from 'tap'
import { SILENT } from '../../proof/progress.ts'
import { runSoak } from '../../proof/sip-soak/sip-soak.ts'
import { sippOptions } from '../support/sipp.ts'

t.setTimeout(100_000)

t.test('300 calls in and out, some of them cut off in every way', sippOptions, async (t) => {
  const { figures, problems } = await runSoak({
    ...{ seed: 1, count: 300, warmUp: 60, rate: 60, t1Ms: 50, transport: 'udp' },
    progress: SILENT,
  })
  t.same(problems, [], 'every call ended as it must, and nothing of it is left', { figures })
})
