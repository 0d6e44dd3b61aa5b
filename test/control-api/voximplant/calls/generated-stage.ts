// A control API beside a simulated Voximplant that really runs the scenario which is generated for its application.
import { scenarioOf } from '../../../../control-api/voximplant/applications/scenario-of.ts'
import {
  startVoximplant,
  type PhoneScript,
  type SessionFaults,
} from '../../../../simulators/voximplant/index.ts'
import { freshDataDir, type AppOwner } from '../../../support/build-app.ts'
import { aCallStage, KEY, type CallStage, type CallStageOptions } from './call-stage.ts'

const PUBLIC_URL = 'https://voice.example.com'

export interface GeneratedOptions extends CallStageOptions {
  /** Whoever is called. */
  readonly phone?: PhoneScript
  readonly faults?: SessionFaults
  /** What the requests of the scenario meet on their way: another address, or this one. */
  readonly onTheWay?: (url: string) => string
  readonly pace?: number
}

export interface GeneratedStage extends CallStage {
  /** Where its scenarios find us: another after a restart. */
  moveTo(url: string): void
}

export async function aGeneratedStage(
  t: AppOwner,
  options: GeneratedOptions = {},
): Promise<GeneratedStage> {
  const { phone = { answer: 'yes' }, faults, onTheWay = (url: string) => url } = options
  const ours = { url: '' }
  const vendor = await startVoximplant({
    pace: options.pace ?? 0.1,
    phones: () => phone,
    reach: (url) => onTheWay(url.replace(PUBLIC_URL, ours.url)),
    ...options.vendor,
  })
  t.teardown(() => vendor.close())
  if (faults) vendor.faultSessions(faults)
  const stage = await aCallStage(t, {
    ...options,
    running: { vendor, dataDir: await freshDataDir(t) },
    scenario: (row) => scenarioOf(row, PUBLIC_URL).code,
  })
  ours.url = stage.url
  await addSecrets(stage)
  return {
    ...stage,
    moveTo(url) {
      ours.url = url
    },
  }
}

async function addSecrets({ vendor, shop }: CallStage): Promise<void> {
  for (const [secret_name, secret_value] of [
    ['VOICEGATE_KEY', KEY],
    ['ELEVENLABS_API_KEY', 'e'.repeat(32)],
  ] as const) {
    const body = new URLSearchParams({
      account_id: String(vendor.accountId),
      api_key: vendor.apiKey,
      application_id: String(shop.vendorId),
      secret_name,
      secret_value,
    })
    const answer = await fetch(`${vendor.baseUrl}/platform_api/AddSecret`, { method: 'POST', body })
    const said = await answer.text()
    if (said.includes('error')) throw new Error(said)
  }
}
