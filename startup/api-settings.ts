// What the control API tells of the configuration and does not go by, for GET /api/settings.
import type { Config } from '#core/config'
import type { ControlApiConfig } from '#control-api'
import type { Outside } from './outside.ts'

export const apiSettings = (
  config: Config,
  outside: Outside,
): NonNullable<ControlApiConfig['settings']> => ({
  recordCalls: config.recordCalls,
  limits: {
    maxConcurrentCalls: config.maxConcurrentCalls,
    maxOutboundCallsPerSecond: config.maxOutboundCallsPerSecond,
    maxInboundCallsPerSecond: config.maxInboundCallsPerSecond,
    agentMaxSessions: config.agent.maxSessions,
  },
  dialAllowPrefixes: config.dialAllowPrefixes,
  vendors: {
    elevenlabs: config.agent.apiKey !== undefined,
    twilio: (outside.twilio ?? config.twilio) !== undefined,
  },
})
