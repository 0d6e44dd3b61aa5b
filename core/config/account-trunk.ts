// A trunk that is known by its account alone, as the shorthand of the environment defines it.
import type { E164, Trunk } from '../contracts/index.ts'
import { decodePhoneNumber } from '../phone-numbers/index.ts'

export interface AccountSettings {
  readonly name: string
  readonly user: string
  readonly password: string
  /** Host and optional port. */
  readonly domain: string
  /** SIP URI of the outbound proxy. */
  readonly proxy: string | undefined
}

/** A trunk that registers. @param settings where its account is written down */
export function accountTrunk(account: AccountSettings, settings: string): Trunk {
  const { name, user, password, domain, proxy } = account
  return {
    name,
    domain,
    numbers: numbersOfUser(user),
    account: { user, password, registers: true, settings },
    ...(proxy === undefined ? {} : { proxy }),
  }
}

/** A user that is a telephone number with its country code is the number of its trunk. */
export function numbersOfUser(user: string | undefined): readonly E164[] {
  if (user === undefined) return []
  const number = decodePhoneNumber(user.startsWith('+') ? user : `+${user}`)
  return number === undefined ? [] : [number]
}
