// EXOLVE_SIP_…: four settings that define the trunk `exolve`, which registers.
import { isIP } from 'node:net'
import type { Trunk } from '../contracts/index.ts'
import { accountTrunk } from './account-trunk.ts'
import type { ConfigProblem } from './config-problem.ts'
import type { Values, VariableName } from './schema.ts'
import type { TrunkKey, WrittenTrunk } from './trunk-rules.ts'

export const SHORTHAND_TRUNK = 'exolve'
const NEEDED = ['EXOLVE_SIP_USER', 'EXOLVE_SIP_PASS', 'EXOLVE_SIP_DOMAIN'] as const
const SETTINGS: readonly VariableName[] = [...NEEDED, 'EXOLVE_SIP_PROXY']
/** Where its account is written down. */
const ACCOUNT_SETTINGS = 'EXOLVE_SIP_USER, EXOLVE_SIP_PASS and EXOLVE_SIP_DOMAIN'

/** Which of its settings were written, right or wrong. */
export const shorthandGiven = (isGiven: (name: VariableName) => boolean): readonly VariableName[] =>
  SETTINGS.filter(isGiven)

/** All of them or none. */
export function shorthandProblems(given: readonly VariableName[]): ConfigProblem[] {
  if (given.length === 0) return []
  const problem = `is missing: ${given.join(', ')} ${given.length === 1 ? 'needs' : 'need'} it`
  return NEEDED.filter((name) => !given.includes(name)).map((name) => ({ name, problem }))
}

/** What one of its keys is called. */
export const settingOf = (key: TrunkKey): VariableName =>
  key === 'proxy' ? 'EXOLVE_SIP_PROXY' : 'EXOLVE_SIP_DOMAIN'

export function writtenShorthand(values: Values): WrittenTrunk {
  const { EXOLVE_SIP_DOMAIN: domain, EXOLVE_SIP_PROXY: proxy } = values
  return {
    at: settingOf,
    ...(domain === undefined ? {} : { domain }),
    ...(proxy === undefined ? {} : { proxy: proxy.uri }),
  }
}

/** Undefined when it is not configured. */
export function shorthandTrunk(values: Values): Trunk | undefined {
  const { EXOLVE_SIP_USER: user, EXOLVE_SIP_PASS: password, EXOLVE_SIP_DOMAIN: domain } = values
  if (user === undefined || password === undefined || domain === undefined) return undefined
  const host = isIP(domain) === 6 ? `[${domain}]` : domain
  const proxy = values.EXOLVE_SIP_PROXY?.uri
  return accountTrunk(
    { name: SHORTHAND_TRUNK, user, password, domain: host, proxy },
    ACCOUNT_SETTINGS,
  )
}

export const isShorthand = ({ account }: Trunk): boolean => account?.settings === ACCOUNT_SETTINGS
