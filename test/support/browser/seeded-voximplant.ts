// A simulated Voximplant beside the seeded system: an account with an application, a number, and calls of the last days.
import { epochMs } from '../../../core/contracts/index.ts'
import {
  pastCalls,
  phoneBehind,
  startVoximplant,
  type VoximplantSimulator,
} from '../../../simulators/voximplant/index.ts'
import type { Scope } from './scope.ts'
import { openSeededSystem, type SeededSystem, type SeedOptions } from './seeded-system.ts'

export interface SeededVoximplant {
  readonly system: SeededSystem
  readonly vendor: VoximplantSimulator
  /** The vendor's. */
  readonly applicationId: number
  readonly number: string
}

export const DEMO_APPLICATION = 'voicegate-demo'
const NUMBER = '4930555300'
/** Talks are short. */
const PACE = 0.4

export async function openSeededVoximplant(
  t: Scope,
  options: SeedOptions = {},
): Promise<SeededVoximplant> {
  const late: { vendor?: VoximplantSimulator; applicationId?: number } = {}
  const system = await openSeededSystem(t, {
    staged: false,
    calls: 20,
    ...options,
    async voximplant(agentWsUrl) {
      const vendor = await startVoximplant({
        agentWsUrl,
        phones: phoneBehind,
        pace: PACE,
        currency: 'EUR',
      })
      t.teardown(() => vendor.close())
      late.vendor = vendor
      late.applicationId = seed(vendor)
      return {
        baseUrl: vendor.baseUrl,
        rehearsalAccount: {
          accountId: String(vendor.accountId),
          apiKey: vendor.apiKey,
          phoneNumber: `+${NUMBER}`,
        },
      }
    },
  })
  const { vendor, applicationId } = late
  if (vendor === undefined || applicationId === undefined) throw new Error('there is no vendor')
  return { system, vendor, applicationId, number: `+${NUMBER}` }
}

function seed(vendor: VoximplantSimulator): number {
  const { application_id: applicationId, application_name: applicationName } =
    vendor.addApplication({ name: DEMO_APPLICATION })
  vendor.addNumber({ phone_number: NUMBER, application_id: applicationId })
  const { accountId } = vendor
  vendor.addHistory(
    pastCalls(epochMs(Date.now()), {
      accountId,
      applicationId,
      applicationName,
      ourNumber: NUMBER,
    }),
  )
  return applicationId
}
