// A node that ends while the rehearsal program is being started.
import t from 'tap'
import { RehearsalRuns } from '../../../control-api/rehearsals/rehearsal-runs.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { createClock } from '../../../core/time/index.ts'
import { FakeRehearsals } from '../../support/fake-rehearsals.ts'

t.test('what begins while the node ends is ended with it', async (t) => {
  const program = new FakeRehearsals()
  const spawned = Promise.withResolvers<undefined>()
  const rehearsals = {
    scenarios: () => program.scenarios(),
    start: async (...asked: Parameters<FakeRehearsals['start']>) => {
      await spawned.promise
      return program.start(...asked)
    },
  }
  const announced: string[] = []
  const announcements = { announce: (type: string) => void announced.push(type) }
  const deps = { announcements, clock: createClock(), logger: createLogger('silent') }
  const runs = new RehearsalRuns(deps, { rehearsals, isRehearsal: true })
  const started = t.rejects(runs.start('busy'), { code: 'STATE_CONFLICT', message: /about to end/ })
  const closed = runs.close().then(() => program.canceled)
  spawned.resolve(undefined)
  await started
  t.equal(await closed, 1, 'gone before close is over')
  t.same([runs.list(), announced], [[], []])
  await t.rejects(runs.start('busy'), { code: 'STATE_CONFLICT' })
})
