// A trunk as the gateway shows it, made up.
import { epochMs, type TrunkView } from '../../core/contracts/index.ts'

export const TRUNK_SEEN_AT = epochMs(1_700_000_000_000)

export const trunkView = (name: string, more: Partial<TrunkView> = {}): TrunkView => ({
  name,
  domain: 'sip.example.com:5080',
  proxy: null,
  transport: null,
  registers: false,
  codecs: ['PCMU', 'PCMA'],
  media: 'direct',
  srtp: 'off',
  transfer: 'auto',
  numbers: 0,
  routes: [{ prefixes: ['+'], priority: 100, weight: 1 }],
  maxConcurrentCalls: null,
  maxCallsPerSecond: null,
  registration: 'none',
  since: null,
  expiresAt: null,
  lastFailure: null,
  health: { reach: 'up', since: TRUNK_SEEN_AT, sipStatus: 200, detail: null },
  calls: 0,
  ...more,
})
