// What the settings of a trunk are called where it was written down: in the environment, or in the trunks file.
import type { Trunk } from '#core/contracts'

export interface TrunkNames {
  readonly account: string
  readonly domain: string
  readonly proxy: string
}

/** The trunk that EXOLVE_SIP_… define, and what its account is said to come from. */
const SHORTHAND = 'EXOLVE_SIP_'

export function namesOf({ name, account }: Trunk): TrunkNames {
  if (account?.settings.startsWith(SHORTHAND) === true)
    return {
      account: 'EXOLVE_SIP_USER and EXOLVE_SIP_PASS',
      domain: 'EXOLVE_SIP_DOMAIN',
      proxy: 'EXOLVE_SIP_PROXY',
    }
  return {
    account: account?.settings ?? `the account of ${name} in the trunks file`,
    domain: `domain of ${name} in the trunks file`,
    proxy: 'its proxy',
  }
}
