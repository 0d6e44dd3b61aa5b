// From the keys of the file to a trunk as everybody knows it (core/contracts/trunk.ts). Nothing is judged here.
import {
  DEFAULT_HEALTH,
  DEFAULT_ROUTE,
  type CallerIdPolicy,
  type E164,
  type NumberFormat,
  type NumberRoute,
  type Trunk,
  type TrunkAccount,
  type TrunkHealthPolicy,
  type TrunkInbound,
  type TrunkLimits,
} from '../../contracts/index.ts'
import { decodePhoneNumber } from '../../phone-numbers/index.ts'
import { numbersOfUser } from '../account-trunk.ts'
import type { NumberEntry, TrunkEntry, TrunksFile } from './trunks-schema.ts'

/** @param accountAt where its account is written down */
export function defineTrunk(entry: TrunkEntry, accountAt: string): Trunk {
  const { account, numbers } = entry
  return {
    name: entry.name,
    domain: entry.domain,
    numbers: numbers?.map(numberOf) ?? numbersOfUser(account?.user),
    ...given('proxy', entry.proxy),
    ...given('transport', entry.transport),
    ...given('account', account && accountOf(account, accountAt)),
    ...given(
      'routes',
      entry.routes?.map((route) => ({ ...DEFAULT_ROUTE, ...route })),
    ),
    ...given('inbound', entry.inbound && inboundOf(entry.inbound)),
    ...given('codecs', entry.codecs),
    ...given('media', entry.media),
    ...given('srtp', entry.srtp),
    ...given('numberFormat', entry.number_format && numberFormatOf(entry.number_format)),
    ...given('callerId', entry.caller_id && callerIdOf(entry.caller_id)),
    ...given('limits', entry.limits && limitsOf(entry.limits)),
    ...given('health', entry.health && healthOf(entry.health)),
    ...given('passHeaders', entry.pass_headers),
    ...given('transfer', entry.transfer),
  }
}

export const defineNumbers = (numbers: TrunksFile['numbers'] = {}): readonly NumberRoute[] =>
  Object.entries(numbers).flatMap(([number, entry]): NumberRoute[] => {
    const to = routeOf(entry)
    return to === undefined ? [] : [{ number: numberOf(number), to }]
  })

/** Undefined: as a number that is not named. */
function routeOf({
  agent,
  answer_with: answerWith = 'agent',
  reject,
}: NumberEntry): NumberRoute['to'] | undefined {
  if (reject !== undefined) return { kind: 'reject', sipStatus: reject }
  switch (answerWith) {
    case 'agent':
      return agent === undefined ? undefined : { kind: 'agent', agentId: agent }
    case 'order-ivr':
      return { kind: 'flow', agentId: null }
    case 'order-ivr-then-agent':
      return { kind: 'flow', ...given('agentId', agent) }
    default:
      return answerWith satisfies never
  }
}

/** Absent stays absent. */
const given = <K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } =>
  (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V }

function numberOf(text: string): E164 {
  const number = decodePhoneNumber(text)
  if (number === undefined) throw new Error('a number that was read before is none')
  return number
}

const accountOf = (
  account: NonNullable<TrunkEntry['account']>,
  settings: string,
): TrunkAccount => ({
  user: account.user,
  password: account.password,
  registers: account.register ?? true,
  settings,
  ...given('authUser', account.auth_user),
})

const inboundOf = ({
  addresses,
  tls_names: tlsNames,
  account,
}: NonNullable<TrunkEntry['inbound']>): TrunkInbound => ({
  ...given('addresses', addresses),
  ...given('tlsNames', tlsNames),
  ...given('account', account),
})

function numberFormatOf(format: NonNullable<TrunkEntry['number_format']>): NumberFormat {
  if (typeof format === 'string') return format
  return {
    country: format.country.replace('+', ''),
    nationalPrefix: format.national_prefix,
    internationalPrefix: format.international_prefix,
  }
}

const callerIdOf = (policy: NonNullable<TrunkEntry['caller_id']>): CallerIdPolicy => ({
  ...given('from', policy.from),
  ...given('assertedIdentity', policy.asserted_identity),
  ...given('anonymous', policy.anonymous),
})

const limitsOf = (limits: NonNullable<TrunkEntry['limits']>): TrunkLimits => ({
  ...given('maxConcurrentCalls', limits.max_concurrent_calls),
  ...given('maxCallsPerSecond', limits.max_calls_per_second),
})

const healthOf = (health: NonNullable<TrunkEntry['health']>): TrunkHealthPolicy | 'off' =>
  health === 'off'
    ? 'off'
    : {
        intervalSeconds: health.interval_seconds ?? DEFAULT_HEALTH.intervalSeconds,
        downAfter: health.down_after ?? DEFAULT_HEALTH.downAfter,
        upAfter: health.up_after ?? DEFAULT_HEALTH.upAfter,
      }
