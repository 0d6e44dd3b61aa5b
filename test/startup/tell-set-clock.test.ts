import t from 'tap'
import { epochMs, ms } from '../../core/contracts/index.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import { tellSetClock } from '../../startup/tell-set-clock.ts'
import { eventually } from '../support/process.ts'

t.test('a clock that is set is told once, and again when it is set anew', async (t) => {
  const lines: string[] = []
  const logger = createLogger('info', { write: (line: string) => void lines.push(line) })
  let ahead = 0
  let looks = 0
  const clock = { now: () => epochMs(1_700_000_000_000) }
  const wall = { now: () => ((looks += 1), epochMs(clock.now() + ahead)) }
  t.teardown(tellSetClock(logger, { clock, wall, every: ms(5) }))
  const said = async (hours: number) => {
    ahead = hours * 3_600_000
    const from = { looks, lines: lines.length }
    await eventually('it to look thrice', 3000, () => looks >= from.looks + 3)
    return lines.slice(from.lines).map((line) => JSON.parse(line) as Record<string, unknown>)
  }
  t.same(await said(0.001), [], 'seconds are nothing')
  t.match(await said(8), [{ level: 'warn', msg: /was set/, aheadSeconds: 28_800 }])
  t.same(await said(8), [])
  t.match(await said(-24), [{ level: 'warn', aheadSeconds: -86_400 }])
  t.match(await said(0), [{ level: 'info', msg: /agrees/ }])
})
