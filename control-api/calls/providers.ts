// Every call of ours under one CallControl, whoever has it: the gateway, or a telephony vendor. Admission is the
// gateway's, for all of them.
import type { CallControl, CallProvider, LiveCall, OriginateRequest } from '#core/contracts'
import { AppError } from '#core/errors'
import { NO_TRACING, runUnder, type Tracing } from '#core/telemetry'

/** What a vendor's calls can do; the rest is the gateway's. */
export type ProviderCalls = Omit<CallControl, 'admit' | 'isConnected'>

export interface Providers {
  /** Undefined before the gateway is up. */
  readonly callControl: () => CallControl | undefined
  /** From now on it has the calls of this provider. */
  register(provider: Exclude<CallProvider, 'sip'>, calls: ProviderCalls): void
}

export function createProviders(
  gateway: () => CallControl | undefined,
  tracing: Tracing = NO_TRACING,
): Providers {
  const vendors = new Map<CallProvider, ProviderCalls>()
  let known: { readonly sip: CallControl; readonly all: CallControl } | undefined
  return {
    callControl() {
      const sip = gateway()
      if (sip === undefined || vendors.size === 0) return sip
      if (known?.sip !== sip) known = { sip, all: joined(sip, vendors) }
      return known.all
    },
    register(provider, calls) {
      vendors.set(provider, tracing.ratio > 0 ? traced(calls, tracing) : calls)
      known = undefined
    },
  }
}

/** What a vendor is asked for a call is told in the call’s trace. */
const traced = (calls: ProviderCalls, tracing: Tracing): ProviderCalls => ({
  find: (callId) => calls.find(callId),
  list: () => calls.list(),
  originate(request) {
    const { callId } = request
    const place = () => calls.originate(request)
    return callId === undefined ? place() : runUnder(tracing.inCall(callId), place)
  },
  hangUp: (callId) => runUnder(tracing.inCall(callId), () => calls.hangUp(callId)),
  transfer: (callId, request) =>
    runUnder(tracing.inCall(callId), () => calls.transfer(callId, request)),
  record: (callId, action) => runUnder(tracing.inCall(callId), () => calls.record(callId, action)),
})

function joined(sip: CallControl, vendors: ReadonlyMap<CallProvider, ProviderCalls>): CallControl {
  const everybody = (): readonly ProviderCalls[] => [sip, ...vendors.values()]
  /** Who has the call; the gateway also when nobody has: it says so in its own way. */
  const ownerOf = (callId: Parameters<CallControl['find']>[0]): ProviderCalls =>
    [...vendors.values()].find((one) => one.find(callId) !== undefined) ?? sip
  return {
    admit: (request) => sip.admit(request),
    isConnected: () => sip.isConnected(),
    async originate(request) {
      const vendor = vendorFor(request, vendors)
      return await (vendor ?? sip).originate(request)
    },
    hangUp: (callId) => ownerOf(callId).hangUp(callId),
    transfer: (callId, request) => ownerOf(callId).transfer(callId, request),
    record: (callId, action) => ownerOf(callId).record(callId, action),
    find: (callId) => ownerOf(callId).find(callId),
    list: () => everybody().flatMap((one): readonly LiveCall[] => one.list()),
  }
}

function vendorFor(
  { provider = 'sip' }: OriginateRequest,
  vendors: ReadonlyMap<CallProvider, ProviderCalls>,
): ProviderCalls | undefined {
  if (provider === 'sip') return undefined
  const vendor = vendors.get(provider)
  if (vendor) return vendor
  throw new AppError('PROVIDER_NOT_CONFIGURED', `${provider} is not set up here.`)
}
