// A short slice of `npm run proof -- overload`: ten slots, and two seconds of talk.
import t from 'tap'
import { runOverload } from '../../proof/overload/overload.ts'
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
