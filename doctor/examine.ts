// One check after the other; a check that breaks is a finding, and the others go on.
import { readConfig } from '#core/config'
import { messageOf } from '#core/errors'
import { createLogger } from '#core/telemetry'
import type { Check, Patient } from './check.ts'
import { agent } from './checks/agent.ts'
import { animation } from './checks/animation.ts'
import { bucket } from './checks/bucket.ts'
import { clock } from './checks/clock.ts'
import { data } from './checks/data.ts'
import { database } from './checks/database.ts'
import { freeswitch } from './checks/freeswitch.ts'
import { ports } from './checks/ports.ts'
import { rtpPorts } from './checks/rtp-ports.ts'
import { sipServer } from './checks/sip-server.ts'
import { sound } from './checks/sound.ts'
import { trunk } from './checks/trunk.ts'
import { videoTools } from './checks/video-tools.ts'
import { fail, type Finding } from './finding.ts'
import { isRunning } from './is-running.ts'
import { judgeConfig } from './judge-config.ts'

const CHECKS: readonly Check[] = [
  ports,
  rtpPorts,
  data,
  database,
  bucket,
  sipServer,
  trunk,
  freeswitch,
  agent,
  sound,
  videoTools,
  animation,
  clock,
]

/** Calls `onFinding` as soon as each is known. */
export async function examine(onFinding: (finding: Finding) => void): Promise<void> {
  const compiled = readConfig()
  for (const finding of judgeConfig(compiled)) onFinding(finding)
  if (!('config' in compiled)) return
  const { config } = compiled
  const patient = { config, logger: createLogger('silent'), isRunning: await isRunning(config) }
  for (const check of CHECKS) for (const finding of await run(check, patient)) onFinding(finding)
}

async function run(check: Check, patient: Patient): Promise<readonly Finding[]> {
  try {
    return await check.run(patient)
  } catch (error) {
    return [
      fail(check.name, `the check broke: ${messageOf(error)}`, 'This is a defect; report it.'),
    ]
  }
}
