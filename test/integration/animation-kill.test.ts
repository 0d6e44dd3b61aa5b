// A process that is killed at every state of an animation: the next one goes on, it ends once, and is paid once. Ten times
// each: npm run proof -- media-kill.
import t from 'tap'
import { runMediaKills } from '../../proof/media-kill/media-kill.ts'
import { CASES } from '../../proof/media-kill/points.ts'

t.setTimeout(280_000)

t.test('an animation outlives its processes', async (t) => {
  // Where the providers differ, both.
  const cases = CASES.filter(
    ({ point, provider }) => provider === 'd-id' || point.name.includes('no answer yet'),
  )
  const progress = { at: () => undefined, say: (words: string) => t.comment(words) }
  const options = { seed: 7, count: cases.length, progress }
  const { figures, problems } = await runMediaKills(options, cases)
  for (const figure of figures) t.comment(figure)
  t.strictSame(problems, [])
})
