// A simulated Voximplant with an application on it, and our client to it.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { createVoximplantRest } from '../../../control-api/voximplant/vendor/client.ts'
import type {
  Credential,
  VendorAnswer,
  VoximplantRest,
} from '../../../control-api/voximplant/vendor/vendor-answer.ts'
import type { MayAsk } from '../../../control-api/voximplant/vendor/vendor-hosts.ts'
import type { RestTiming } from '../../../control-api/voximplant/vendor/vendor-requests.ts'
import { createMetrics, type Metrics } from '../../../core/telemetry/index.ts'
import { createClock } from '../../../core/time/index.ts'
import {
  startVoximplant,
  type VoximplantOptions,
  type VoximplantSimulator,
} from '../../../simulators/voximplant/index.ts'

export const FAST: Partial<RestTiming> = {
  requestMs: 1500,
  totalMs: 4000,
  downloadMs: 1500,
  backOff: { firstMs: 5, maxMs: 20 },
  perSecond: 1000,
}

export async function aVendor(
  t: Test,
  options: VoximplantOptions = {},
): Promise<VoximplantSimulator> {
  const vendor = await startVoximplant({ pace: 0.01, ...options })
  t.teardown(() => vendor.close())
  return vendor
}

export interface Client {
  readonly rest: VoximplantRest
  readonly metrics: Metrics
}

export const serviceAccountOf = ({ serviceAccountKey: key }: VoximplantSimulator): Credential => ({
  kind: 'service_account',
  key,
})

export const legacyKeyOf = ({ apiKey }: VoximplantSimulator): Credential => ({
  kind: 'api_key',
  apiKey,
})

export function clientOf(
  vendor: Pick<VoximplantSimulator, 'baseUrl' | 'accountId'>,
  credential: Credential,
  {
    timing = {},
    clock = createClock(),
    mayAsk = () => Promise.resolve(['127.0.0.1']),
  }: { timing?: Partial<RestTiming>; clock?: { now(): number }; mayAsk?: MayAsk } = {},
): Client {
  const metrics = createMetrics()
  const rest = createVoximplantRest(
    { metrics, clock: clock as ReturnType<typeof createClock> },
    {
      baseUrl: vendor.baseUrl,
      access: { vendorAccountId: String(vendor.accountId), credential },
      timing: { ...FAST, ...timing },
      mayAsk,
    },
  )
  return { rest, metrics }
}

/** What it answered with, or why not. */
export async function valueOf<T>(answer: Promise<VendorAnswer<T>>): Promise<T> {
  const one = await answer
  if (one.kind !== 'ok') throw one.error
  return one.value
}

export const askedFor = ({ requests }: VoximplantSimulator, command: string): number =>
  requests.filter((request) => request.command === command).length

/** A vendor that answers whatever a test says. */
export async function answering(t: Test, listener: RequestListener) {
  const server = createServer(listener)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { baseUrl: `http://127.0.0.1:${port}`, accountId: 5 }
}
