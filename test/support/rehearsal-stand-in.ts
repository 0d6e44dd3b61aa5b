// In place of the rehearsal program: tells what it was given, then does what its scenario's name says here.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

const say = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`)

const scenario = process.argv.at(-1)
const { env, argv, pid } = process
say({ env, args: argv.slice(2), flags: process.execArgv, cwd: process.cwd(), pid })
switch (scenario) {
  case 'busy':
    process.stdout.write('no JSON\n')
    break
  case 'declined':
    process.stderr.write('the rehearsal could not be held: no stage\n  a second line\n')
    process.exitCode = 1
    break
  case 'nat':
    for (;;)
      if (!process.stdout.write(`"${'x'.repeat(100_000)}"\n`)) await once(process.stdout, 'drain')
  case 'no-answer':
    // Does not hear that it should end.
    process.on('SIGTERM', () => undefined)
    // What it started is not killed with it, and holds on to its output.
    spawn('sleep', ['8'], { stdio: 'inherit' })
    await sleep(30_000)
    break
  default:
    await sleep(30_000)
}
