// The table of dialled behaviours: what the README says is what the data says, and every script can be played.
import { readFileSync } from 'node:fs'
import t from 'tap'
import {
  DEFAULT_SCRIPT,
  DIALLED_BEHAVIOURS,
  NAMED_SCRIPTS,
  scriptNameFor,
} from '../../../simulators/carrier/index.ts'

t.test('the last two digits choose the script, all others answer', async (t) => {
  for (const { lastDigits, script } of DIALLED_BEHAVIOURS) {
    t.match(lastDigits, /^\d\d$/)
    t.equal(scriptNameFor(`+49301234${lastDigits}`), script)
  }
  const chosen = DIALLED_BEHAVIOURS.map(({ lastDigits }) => lastDigits)
  t.equal(new Set(chosen).size, chosen.length, 'no ending twice')
  for (const number of ['+4930123456', '+15551234567', '+12025550100', 'alice', '']) {
    t.equal(scriptNameFor(number), DEFAULT_SCRIPT, number)
  }
})

t.test('the README has the same table', async (t) => {
  const text = readFileSync(new URL('../../../simulators/README.md', import.meta.url), 'utf8')
  const readme = text.replace(/ +/g, ' ')
  for (const { lastDigits, script, meaning } of DIALLED_BEHAVIOURS) {
    t.ok(readme.includes(`| …${lastDigits} | \`${script}\` | ${meaning} |`), lastDigits)
  }
  for (const name of Object.keys(NAMED_SCRIPTS)) t.ok(readme.includes(`\`${name}\``), name)
})
