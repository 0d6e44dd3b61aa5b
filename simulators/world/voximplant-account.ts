// The Voximplant of the world.
import { DEMO_NUMBER, phoneBehind, prepareDemo, startVoximplant } from '#simulators/voximplant'
import type { WorldAddresses } from './messages.ts'

export interface WorldVoximplant {
  readonly address: WorldAddresses['voximplant']
  close(): Promise<void>
}

export async function openVoximplant(agentWsUrl: string): Promise<WorldVoximplant> {
  const voximplant = await startVoximplant({ agentWsUrl, phones: phoneBehind })
  prepareDemo(voximplant)
  const { accountId, apiKey, baseUrl } = voximplant
  return {
    address: { accountId: String(accountId), apiKey, phoneNumber: `+${DEMO_NUMBER}`, baseUrl },
    close: () => voximplant.close(),
  }
}
