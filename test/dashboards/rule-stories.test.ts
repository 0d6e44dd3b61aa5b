// The stories of the alerts, played by promtool: hours of samples, so `npm run proof -- long-tests` runs it.
import t from 'tap'
import { globSync } from 'node:fs'
import { basename } from 'node:path'
import { promtool, promtoolOptions } from '../support/prometheus.ts'

const STORY_FILES = globSync('dashboards/rules/tests/*.yml').toSorted()

t.ok(STORY_FILES.length > 0, `${STORY_FILES.length} files of stories`)

for (const path of STORY_FILES)
  t.test(`the stories of ${basename(path)}`, promtoolOptions, async (t) => {
    t.equal(await promtool('test', 'rules', path), '')
  })
