// A whole control API beside a simulated Voximplant, and who may ask it.
import type { Test } from 'tap'
import type { CallDataTiming } from '../../../control-api/voximplant/open-call-data.ts'
import type {
  VoximplantOptions,
  VoximplantSimulator,
} from '../../../simulators/voximplant/index.ts'
import {
  buildApp,
  eventually,
  sample,
  type BuildOptions,
  type BuiltApp,
} from '../../support/build-app.ts'
import { aVendor } from './vendor-stage.ts'

export interface Stage {
  readonly app: BuiltApp
  readonly vendor: VoximplantSimulator
  /** Of an administrator unless told. */
  readonly ask: Ask
}

/** @typeParam T what is expected in the body: nobody checks it */
export type Ask = <T = Shown>(
  method: string,
  path: string,
  body?: unknown,
  key?: string,
) => Promise<Answer<T>>

// What REST answers: each test looks into it.
// oxlint-disable-next-line typescript/no-explicit-any
export type Shown = any

export interface Answer<T = Shown> {
  readonly status: number
  readonly body: T
  readonly text: string
}

export interface StageOptions extends BuildOptions {
  readonly vendor?: VoximplantOptions
  readonly dataTiming?: CallDataTiming
}

/** Below `/api/voximplant`. */
export async function aStage(t: Test, options: StageOptions = {}): Promise<Stage> {
  const vendor = await aVendor(t, options.vendor)
  const voximplant = { baseUrl: vendor.baseUrl, dataTiming: options.dataTiming }
  const config = { voximplant, ...options.config }
  const app = await buildApp(t, { ...options, config })
  // The sweep at the start is over: it asks for no history that a test counts, or that is to fail.
  const swept = 'job_runs_total{kind="voximplant.sweep",result="again"}'
  if (config.voximplant !== undefined)
    await eventually('the first sweep', async () => (await sample(app.metrics, swept)) > 0)
  return { app, vendor, ask: askerOf(app) }
}

export const askerOf =
  (app: BuiltApp): Ask =>
  async (method, path, body, key) => {
    const response = await app.request(`/api/voximplant${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, text, body: isJson ? JSON.parse(text) : text }
  }

/** Added by its service account unless told. */
export async function anAccount({ ask, vendor }: Stage, key: object = {}): Promise<string> {
  const given =
    Object.keys(key).length > 0 ? key : { service_account_key: vendor.serviceAccountKey }
  const body = { account_name: 'Main', account_id: String(vendor.accountId), ...given }
  const added = await ask('POST', '/accounts', body)
  if (added.status !== 201) throw new Error(`no account: ${added.text}`)
  return added.body.account_id as string
}

/** Linked with an application at the vendor that is made for it. */
export async function anApplication(
  stage: Stage,
  fields: object = {},
): Promise<{ id: string; vendorId: number; account: string }> {
  const account = await anAccount(stage)
  const { application_id: vendorId } = stage.vendor.addApplication({ name: 'shop' })
  const body = {
    account,
    application_name: 'Shop',
    elevenlabs_agent_id: 'agent_1',
    voximplant_application_id: String(vendorId),
    ...fields,
  }
  const added = await stage.ask('POST', '/applications', body)
  if (added.status !== 201) throw new Error(`no application: ${added.text}`)
  return { id: added.body.application_id as string, vendorId, account }
}
