// Which part of a trunk's definition its registration and its health hang on.
import { DEFAULT_HEALTH, type Trunk } from '#core/contracts'
import { AppError } from '#core/errors'
import type { Logger, Metrics } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { SipPort } from '../sip/sip-port.ts'
import { startHealthWatch, type HealthWatch } from './health-watch.ts'
import type { Plan } from './per-trunk.ts'
import { startRegistration, type Registration } from './registration.ts'
import type { TrunkAddresses } from './trunk-addresses.ts'

export interface PlanDeps {
  readonly logger: Logger
  readonly clock: Clock
  readonly metrics: Metrics
  readonly sip: Pick<SipPort, 'isConnected' | 'register' | 'options'>
  readonly random?: () => number
}

export function registrationPlan(
  deps: PlanDeps,
  addresses: Pick<TrunkAddresses, 'learn' | 'forget'>,
): Plan<Registration> {
  return {
    name: 'a registration',
    ...deps,
    concern: ({ domain, proxy, transport, account }) =>
      account?.registers === true ? { domain, proxy, transport, account } : undefined,
    start: (trunk) => {
      if (!trunk.account) throw new AppError('INTERNAL', 'a trunk registers without an account')
      const onRegistrar = (address: string): void => addresses.learn(trunk.name, address)
      return startRegistration({ ...deps, onRegistrar }, trunk, trunk.account)
    },
    onEnded: (name) => addresses.forget(name),
    onGone: (name) => deps.metrics.remove('trunk_registered', { trunk: name }),
  }
}

export function healthPlan(deps: PlanDeps, onUp: (name: string) => void): Plan<HealthWatch> {
  return {
    name: 'the questions to a trunk',
    ...deps,
    concern: ({ domain, proxy, transport, account, health = DEFAULT_HEALTH }: Trunk) =>
      health === 'off' ? undefined : { domain, proxy, transport, user: account?.user, health },
    start: (trunk) => {
      const { health = DEFAULT_HEALTH } = trunk
      if (health === 'off') throw new AppError('INTERNAL', 'a trunk is asked that must not be')
      return startHealthWatch({ ...deps, onUp: () => onUp(trunk.name) }, trunk, health)
    },
    // What was believed of another address is not believed of this one.
    onEnded: (name) => deps.metrics.remove('trunk_up', { trunk: name }),
    onGone: () => undefined,
  }
}
