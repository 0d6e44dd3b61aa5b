// What a key may do: found by asking what changes nothing. Whether it may start calls or change scenarios shows when it does.
import { ms } from '#core/contracts'
import { waitFor } from '#core/lifecycle'
import type { VendorAnswer, VoximplantRest } from '../vendor/vendor-answer.ts'
import { isForbidden } from '../vendor/vendor-refusals.ts'

export const PERMISSIONS = ['allowed', 'forbidden', 'unknown'] as const
export type Permission = (typeof PERMISSIONS)[number]
/** By command. */
export type Permissions = Readonly<Record<string, Permission>>

const NOT_TRIED = [
  'AddRule',
  'AddScenario',
  'AddSecret',
  'BindScenario',
  'DeleteRecord',
  'SetScenarioInfo',
  'SetSecretInfo',
  'StartScenarios',
] as const
const TIMEOUT = ms(20_000)

export async function probePermissions(rest: VoximplantRest): Promise<Permissions> {
  const signal = AbortSignal.timeout(TIMEOUT)
  const asking = [
    probed('GetApplications', rest.applications(signal)),
    probed('GetCallHistory', rest.history({ count: 1, ...lastHour() }, signal)),
    probed('GetPhoneNumbers', rest.phoneNumbers(undefined, signal)),
    probed('GetRules', askForRules(rest, signal)),
    probed('GetScenarios', rest.scenarios({}, signal)),
  ]
  const found = await Promise.all(asking)
  const notTried = NOT_TRIED.map((command) => [command, 'unknown'] as const)
  return Object.fromEntries([['GetAccountInfo', 'allowed'] as const, ...found, ...notTried])
}

export const decodePermissions = (text: string): Permissions => JSON.parse(text) as Permissions

async function probed(
  command: string,
  asking: Promise<VendorAnswer<unknown> | undefined>,
): Promise<readonly [string, Permission]> {
  const waiting = waitFor(asking, { name: command, timeout: TIMEOUT })
  // Whether it is allowed is what is asked; what broke otherwise leaves that unknown.
  return [command, permissionOf(await waiting.catch(() => undefined))]
}

function permissionOf(answer: VendorAnswer<unknown> | undefined): Permission {
  if (answer?.kind === 'ok') return 'allowed'
  return answer?.kind === 'refused' && isForbidden(answer.code) ? 'forbidden' : 'unknown'
}

/** Of some application: without one there are no rules. */
async function askForRules(
  rest: VoximplantRest,
  signal: AbortSignal,
): Promise<VendorAnswer<unknown> | undefined> {
  const known = await rest.applications(signal)
  const first = known.kind === 'ok' ? known.value[0] : undefined
  return first && rest.rules(first.applicationId, signal)
}

function lastHour(): { from: number; to: number } {
  const to = Date.now()
  return { from: to - 3_600_000, to }
}
