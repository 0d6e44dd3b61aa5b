// Every operation of accounts, applications and the push, by the client that was made from our OpenAPI document.
import type { Test } from 'tap'
import type { VoximplantSimulator } from '../../../simulators/voximplant/index.ts'
import { useCallData } from './every-data-operation.ts'

/** By the id of an operation. */
export interface OperationAsker {
  ask(
    id: string,
    options?: object,
  ): Promise<{ readonly status: number; readonly data: Record<string, unknown> }>
}

export async function useAccountsAndApplications(
  t: Test,
  asker: OperationAsker,
  vendor: VoximplantSimulator,
): Promise<void> {
  const used = async (id: string, options: object = {}, status = 200) => {
    const answer = await asker.ask(id, options)
    t.equal(answer.status, status, `${id}: ${JSON.stringify(answer.data).slice(0, 300)}`)
    return answer.data
  }
  const { application_id: vendorId } = vendor.addApplication({ name: 'shop' })
  const voximplant_application_id = String(vendorId)
  const key = { account_id: String(vendor.accountId), api_key: vendor.apiKey }
  await used('tryVoximplantAccount', { body: key })
  const account = await used('addVoximplantAccount', { body: { account_name: 'a', ...key } }, 201)
  const ofAccount = { path: { id: String(account['account_id']) } }
  for (const id of ['listVoximplantAccounts', 'listVoximplantApplications']) await used(id)
  await used('getVoximplantAccount', ofAccount)
  await used('testVoximplantAccount', ofAccount)
  await used('changeVoximplantAccount', { ...ofAccount, body: { account_name: 'b' } })
  await used('listVendorApplications', ofAccount)
  await used('listVendorRules', { ...ofAccount, query: { voximplant_application_id } })
  await used('listVendorNumbers', ofAccount)
  const body = {
    account: account['account_id'],
    application_name: 'Shop',
    elevenlabs_agent_id: 'agent_1',
    voximplant_application_id,
  }
  const application = await used('addVoximplantApplication', { body }, 201)
  const one = { path: { id: String(application['application_id']) } }
  await used('getVoximplantApplication', one)
  await used('changeVoximplantApplication', { ...one, body: { application_name: 'Shop 2' } })
  await used('getVoximplantScenario', one)
  await used('downloadVoximplantScenario', one)
  await used('previewVoximplantPush', one)
  await used('pushVoximplantScenario', { ...one, body: { current_sha256: null } })
  await used('previewVoximplantPush', one)
  await useCallData(used, { applicationId: one.path.id, vendorId, vendor })
  await used('removeVoximplantApplication', one, 204)
  await used('removeVoximplantAccount', ofAccount, 204)
}
