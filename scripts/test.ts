// npm test: installs what the tests need, runs the checks and all tests, and ends with `N passed, N failed`.
// `npm test -- test/gateway/call/*.test.ts` runs those files alone.
import { installDebianPackages } from './debian-packages.ts'
import { checkConsole, printCheck, runChecks } from './check.ts'
import { runTap } from './tap-run.ts'
import { useTestFolder } from './test-folder.ts'

/** The only tests CI may skip: they need servers that no package brings. */
const MAY_BE_SKIPPED = /drachtio|freeswitch/i

const files = process.argv.slice(2)
installDebianPackages()
useTestFolder()
const checks = files.length > 0 ? [await checkConsole()] : await runChecks()
checks.forEach(printCheck)
const tap = await runTap(files)

const unexpected = process.env['CI'] ? tap.skipped.filter((name) => !MAY_BE_SKIPPED.test(name)) : []
for (const name of tap.skipped) console.log(`skipped: ${name}`)
if (unexpected.length > 0) console.log(`${unexpected.length} tests were skipped that CI must run`)

for (const name of tap.failedFiles) console.log(`failed: ${name}`)

const passed = tap.passed + checks.filter(({ ok }) => ok).length
const failed = tap.failed + checks.filter(({ ok }) => !ok).length + unexpected.length
const skipped = tap.skipped.length - unexpected.length
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exitCode = failed === 0 ? 0 : 1
