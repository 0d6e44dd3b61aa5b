// Fails twice; the first time who runs it is stopped meanwhile, as if the machine stood still. `STANDSTILL_TOLD` tells
// the times apart.
import { existsSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'

const told = process.env['STANDSTILL_TOLD'] ?? ''
if (!existsSync(told)) {
  writeFileSync(told, '')
  process.kill(process.ppid, 'SIGSTOP')
  await sleep(200)
  process.kill(process.ppid, 'SIGCONT')
}
t.fail('always')
