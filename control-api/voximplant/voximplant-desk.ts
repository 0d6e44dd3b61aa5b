// What all of Voximplant shares: the stores, one client an account, and what staff do with accounts and applications.
import { wallClock } from '#core/time'
import type { ControlApiConfig } from '../control-api.ts'
import type { KeyOfCall } from '../elevenlabs/agent-keys.ts'
import type { Platform } from '../features.ts'
import { voximplantNotConfigured } from '../routes/voximplant/route-words.ts'
import { createEndpointPolicy } from '../webhooks/endpoint-policy.ts'
import { AccountDesk } from './accounts/account-desk.ts'
import { createAccountStore, type AccountStore } from './accounts/account-store.ts'
import { ApplicationDesk } from './applications/application-desk.ts'
import { createApplicationStore, type ApplicationStore } from './applications/application-store.ts'
import { PushDesk } from './applications/push-desk.ts'
import { createVoximplantRest } from './vendor/client.ts'
import { createClients, type VoximplantClients } from './vendor/clients.ts'
import type { RehearsalAccount } from './voximplant-config.ts'

export interface VoximplantDesk {
  /** False: there is nobody to ask. */
  readonly isConfigured: boolean
  readonly accounts: AccountStore
  readonly applications: ApplicationStore
  readonly clients: VoximplantClients
  readonly accountDesk: AccountDesk
  readonly applicationDesk: ApplicationDesk
  readonly pushDesk: PushDesk
  readonly rehearsalAccount: RehearsalAccount | undefined
  /** Applications may have a key of ElevenLabs of their own. */
  readonly keyOfCall: KeyOfCall
}

export interface DeskOptions {
  readonly config: ControlApiConfig
  /** Where the platform reaches us. */
  readonly publicUrl: () => string
}

export function openVoximplantDesk(
  platform: Platform,
  { config, publicUrl }: DeskOptions,
): VoximplantDesk {
  const { database, vault } = platform
  const { voximplant, agentVendor, rehearsal } = config
  const accounts = createAccountStore(database, vault)
  const applications = createApplicationStore(database, vault)
  const policy = createEndpointPolicy({
    allowHosts: config.webhookAllowHosts ?? [],
    allowLoopback: rehearsal,
  })
  const mayAsk = async (url: string): Promise<readonly string[] | undefined> => {
    const examined = await policy.examine(url)
    return examined.kind === 'allowed' ? examined.addresses : undefined
  }
  const clients = createClients(accounts, (access) => {
    if (voximplant === undefined) throw voximplantNotConfigured()
    const { baseUrl, restTiming: timing } = voximplant
    // Its tokens are judged by the vendor's clock.
    const deps = { metrics: platform.metrics, clock: wallClock }
    return createVoximplantRest(deps, { baseUrl, access, mayAsk, timing })
  })
  const stores = { ...platform, accounts, applications, clients }
  const applicationDesk = new ApplicationDesk(stores)
  return {
    isConfigured: voximplant !== undefined,
    accounts,
    applications,
    clients,
    accountDesk: new AccountDesk(stores),
    applicationDesk,
    pushDesk: new PushDesk({
      ...stores,
      applicationDesk,
      publicUrl,
      isPublic: config.publicUrl !== undefined,
      rehearsal,
      elevenlabsApiKey: agentVendor?.apiKey,
    }),
    rehearsalAccount: voximplant?.rehearsalAccount,
    async keyOfCall({ application_id: id, provider }) {
      if (provider !== 'voximplant' || id === null) return undefined
      const row = await applications.find(id)
      return row && (applications.secretsOf(row).elevenlabsApiKey ?? undefined)
    },
  }
}
