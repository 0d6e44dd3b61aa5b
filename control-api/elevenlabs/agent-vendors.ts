// The agent's vendor as each call may ask it: by the key of this node, or by one that the call's application has of its own.
import type { Metrics } from '#core/telemetry'
import type { CallRow } from '../db/schema.ts'
import { createAgentVendor, type AgentVendor } from './agent-vendor.ts'
import type { AgentKeys } from './agent-keys.ts'
import type { VendorRestOptions } from './vendor-rest.ts'

export interface AgentVendors {
  /** By the key of this node; undefined without one. */
  readonly own: AgentVendor | undefined
  /** Undefined where nobody has a key. @throws AppError `SECRETS_KEY_MISSING` */
  of(call: Pick<CallRow, 'application_id' | 'provider'>): Promise<AgentVendor | undefined>
}

/** Keys change: what is not asked by any more is forgotten. */
const MOST_KEYS = 200

/** @param options absent: nobody is asked, whatever keys there are */
export function createAgentVendors(
  metrics: Pick<Metrics, 'add' | 'observe'>,
  keys: Pick<AgentKeys, 'keyOf'>,
  options: VendorRestOptions | undefined,
): AgentVendors {
  const own = options?.apiKey === undefined ? undefined : createAgentVendor(metrics, options)
  const known = new Map<string, AgentVendor>()
  return {
    own,
    async of(call) {
      const apiKey = await keys.keyOf(call)
      if (apiKey === undefined || options === undefined) return own
      const vendor = known.get(apiKey) ?? createAgentVendor(metrics, { ...options, apiKey })
      known.delete(apiKey)
      known.set(apiKey, vendor)
      const oldest = known.keys().next()
      if (known.size > MOST_KEYS && !oldest.done) known.delete(oldest.value)
      return vendor
    },
  }
}
