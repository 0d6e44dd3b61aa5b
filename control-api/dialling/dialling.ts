// Dialling as a feature of the control API: placing calls, dialling them again, handing callers over.
import type { ControlApiConfig } from '../control-api.ts'
import type { Feature, Platform } from '../features.ts'
import { cancelRetryRoute } from '../routes/calls/cancel-retry-route.ts'
import { startRoutes } from '../routes/calls/start-routes.ts'
import { transferRoute } from '../routes/calls/transfer-route.ts'
import { createApplicationStore } from '../voximplant/applications/application-store.ts'
import { startingApplications } from '../voximplant/calls/starting-applications.ts'
import { createCallRequests } from './call-requests.ts'
import { DialBudgets } from './dial-budgets.ts'
import { Dialler } from './dialler.ts'
import { diallingOf } from './key-budget.ts'
import { REDIAL_OPTIONS, redialHandler } from './redial.ts'

export async function openDialling(
  platform: Platform,
  config: Pick<ControlApiConfig, 'defaultAgentId' | 'twilio' | 'voximplant'>,
): Promise<Feature> {
  const { defaultAgentId, twilio, voximplant } = config
  const { database, clock, jobs, vault } = platform
  const requests = createCallRequests(database)
  await requests.forgetOrphans()
  const budgets = new DialBudgets(database, clock)
  const deps = { ...platform, requests, budgets }
  const dialler = new Dialler(deps)
  const redial = redialHandler({
    ...deps,
    dialler,
    diallingOf: (keyId) => diallingOf(platform.keys, keyId),
  })
  jobs.work('call.redial', REDIAL_OPTIONS, redial)
  return {
    routes(app, runOnce) {
      const hasFlow = platform.flows !== undefined
      const hasVoximplant = voximplant !== undefined
      const rules = { defaultAgentId, hasTwilio: twilio !== undefined, hasVoximplant, hasFlow }
      const applicationOf = startingApplications(createApplicationStore(database, vault))
      const { tracing } = platform
      startRoutes(app, { dialler, rules, applicationOf, tracing }, runOnce)
      transferRoute(app, deps, runOnce)
      cancelRetryRoute(app, deps)
    },
  }
}
