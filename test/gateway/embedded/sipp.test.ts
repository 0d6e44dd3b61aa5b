// SIPp's own caller against the embedded server and an application that answers.
import { existsSync } from 'node:fs'
import t from 'tap'
import { answerEverything } from './answering-app.ts'
import { connectApp, openRig, routesSettle } from './harness.ts'
import { runSipp } from './sipp.ts'

const skip = existsSync('/usr/bin/sipp') ? false : 'sipp is not installed'
const USUAL = { t1Ms: 500, t2Ms: 4_000, t4Ms: 5_000 }

t.test('300 calls at 100 a second, none fails', { skip }, async (t) => {
  const rig = await openRig(t, { timers: USUAL })
  answerEverything(await connectApp(t, rig))
  await routesSettle()
  const target = `${rig.address.host}:${rig.address.port}`
  const counts = await runSipp(
    ['-sn', 'uac', target, '-i', '127.0.0.1', '-r', '100', '-m', '300', '-d', '50', '-l', '500'],
    25_000,
  )
  t.match(counts, { exitCode: 0, successful: 300, failed: 0 })
  t.match(await rig.sip.stats(), { dialogs: 0, dropped: {}, rejected: {} })
})

t.test('an application that stalls for two seconds does not stall SIP', { skip }, async (t) => {
  const rig = await openRig(t, { timers: USUAL })
  answerEverything(await connectApp(t, rig))
  await routesSettle()
  const target = `${rig.address.host}:${rig.address.port}`
  // Calls of three seconds: no BYE falls into the stall, so nothing at all has to be repeated.
  const running = runSipp(
    ['-sn', 'uac', target, '-i', '127.0.0.1', '-r', '20', '-m', '20', '-d', '3000'],
    25_000,
  )
  setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_000), 500)
  t.match(await running, { exitCode: 0, successful: 20, failed: 0, retransmissions: 0 })
})
