// A short slice of `npm run proof -- told`.
import t from 'tap'
import { SILENT } from '../../proof/progress.ts'
import { MOMENTS } from '../../proof/told/moments.ts'
import { runTold } from '../../proof/told/told.ts'

t.setTimeout(120_000)

const SLICE = ['call.ended arrives', 'conversation, answered 1']

t.test(
  'killed as it tells a customer and asks the vendor: nothing lost, nothing twice',
  async (t) => {
    const moments = MOMENTS.filter(({ name }) => SLICE.includes(name))
    t.equal(moments.length, SLICE.length)
    const { problems } = await runTold(
      { seed: 7, count: moments.length, progress: SILENT },
      moments,
    )
    t.same(problems, [])
  },
)
