// The feature of the agent's vendor behind the call: what it says of each conversation, its webhooks, its agents. With the
// jobs' own routes: it is what most jobs are.
import { join } from 'node:path'
import { ms } from '#core/contracts'
import type { ControlApiConfig } from '../control-api.ts'
import type { Feature, Platform } from '../features.ts'
import { agentRoutes } from '../routes/agents/agent-routes.ts'
import { conversationRoutes } from '../routes/conversations/conversation-routes.ts'
import { postCallRoute } from '../routes/conversations/post-call-route.ts'
import { jobRoutes } from '../routes/jobs/job-routes.ts'
import { openConversationAudio } from './conversation-audio.ts'
import { createConversationSync, SYNC_TIMING, type SyncTiming } from './conversation-sync.ts'

export interface AgentVendorConfig {
  /** `https://api.elevenlabs.io` */
  readonly restUrl: string
  /** Without it nothing is asked. */
  readonly apiKey?: string | undefined
  /** Speaks the words of animations that name no voice. */
  readonly voiceId?: string | undefined
  /** Of its post-call webhooks; without it none is believed but in rehearsal. */
  readonly webhookSecret?: string | undefined
  /** Other than SYNC_TIMING, in tests. */
  readonly timing?: Partial<SyncTiming>
}

/** More would only be told 429. */
const SYNC = { concurrency: 4, lease: ms(180_000), maxAttempts: 5 }

export async function openAgentVendor(
  platform: Platform,
  config: ControlApiConfig,
): Promise<Feature> {
  const { agentVendor, rehearsal, dataDir } = config
  const { jobs, mediaStore, agentVendors, conversations: store } = platform
  const audio = await openConversationAudio(store, mediaStore, join(dataDir, 'incoming'))
  const deps = { ...platform, store, audio, vendors: agentVendors, vendor: agentVendors.own }
  const timing = { ...SYNC_TIMING, ...agentVendor?.timing }
  jobs.work('conversation.sync', SYNC, createConversationSync(deps, timing))
  return {
    routes(app) {
      conversationRoutes(app, deps)
      postCallRoute(app, deps, { webhookSecret: agentVendor?.webhookSecret, rehearsal })
      agentRoutes(app, deps, config)
      jobRoutes(app, deps)
    },
  }
}
