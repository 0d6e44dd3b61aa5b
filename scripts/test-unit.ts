// Test files in one process, one after the other: `node scripts/test-unit.ts FILE …`.
import hooks from 'node:async_hooks'
import { syncBuiltinESMExports } from 'node:module'
import { pathToFileURL } from 'node:url'
import { exitMark, markOf } from './test-mark.ts'

const files = process.argv.splice(2)
// tap names folders by its program, and other processes run at the same time.
process.argv[1] = files[0] ?? ''

// tap follows every promise to know whose an exception was that nobody caught: a tenth of the processor time of the whole
// run. Without that it still ends the process, and with it the file fails.
const { createHook } = hooks
hooks.createHook = () => createHook({})
syncBuiltinESMExports()
const { default: t } = await import('tap')
// The last word of our JavaScript: what does not end after it hangs below (scripts/tap-run.ts).
process.on('exit', (code) => process.stdout.write(`${exitMark(code)}\n`))

for (const file of files) {
  await import(pathToFileURL(file).href)
  if (files.length === 1) continue
  // Its tests are queued by now: the next file begins when they have ended.
  await t.test(markOf(file), (t) => {
    t.end()
  })
}
