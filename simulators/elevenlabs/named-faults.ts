// What can go wrong with the vendor, by name: what `--fault` takes.
import type { AgentScript } from './agent-script.ts'
import { MALFORMED_NAMES } from './malformed-messages.ts'
import type { ElevenLabsOptions } from './simulator.ts'

export interface NamedFault {
  readonly meaning: string
  readonly script?: AgentScript
  readonly options?: ElevenLabsOptions
}

const refused = (status: number, what: string): NamedFault => ({
  meaning: `the upgrade is refused: ${status} ${what}`,
  script: { refuse: { how: 'http', status } },
})

const unsigned = (status: number, what: string): NamedFault => ({
  meaning: `the signed URL is refused: ${status} ${what}`,
  script: { signedUrlFailures: status },
})

const closed = (code: number, reason: string): NamedFault => ({
  meaning: `accepted, then closed: ${code} ${reason}`,
  script: { refuse: { how: 'close', code, reason, afterMetadata: true } },
})

const BETWEEN_MALFORMED_MS = 100

export const NAMED_FAULTS = {
  'refuse-401': refused(401, 'Unauthorized'),
  'refuse-403': refused(403, 'Forbidden'),
  'refuse-404': refused(404, 'Not Found'),
  'refuse-429': refused(429, 'Too Many Requests'),
  'refuse-503': refused(503, 'Service Unavailable'),
  'signed-url-401': unsigned(401, 'Unauthorized'),
  'signed-url-403': unsigned(403, 'Forbidden'),
  'signed-url-404': unsigned(404, 'Not Found'),
  'signed-url-429': unsigned(429, 'Too Many Requests'),
  'signed-url-503': unsigned(503, 'Service Unavailable'),
  'close-1002': closed(1002, 'llm_timeout'),
  'close-1008': closed(1008, 'Override for field ‘x’ is not allowed by config.'),
  'close-1011': closed(1011, 'internal error'),
  'close-4300': {
    meaning: 'queued for 2 s, then closed: 4300',
    script: { queue: { waitMs: 2000, outcome: 'timed_out' } },
  },
  queued: {
    meaning: 'queued for 2 s, then admitted',
    script: { queue: { waitMs: 2000, outcome: 'admitted' } },
  },
  quota: {
    meaning: 'accepted, then closed: the quota is exceeded',
    script: { refuse: { how: 'quota' } },
  },
  full: { meaning: 'no conversation is free: 429', options: { maxSessions: 0 } },
  'no-metadata': { meaning: 'accepted, then nothing', script: { metadataDelayMs: null } },
  'slow-first-audio': { meaning: 'the first word takes 6 s', script: { slowFirstAudioMs: 6000 } },
  burst: {
    meaning: 'each answer comes at once and in one piece',
    script: { burstSpeed: Infinity, chunkMs: { shortest: Infinity, longest: Infinity } },
  },
  drop: { meaning: 'the connection is reset after 4 s', script: { dropAfterMs: 4000 } },
  freeze: {
    meaning: 'after 4 s nobody is behind the connection any more',
    script: { freezeAfterMs: 4000 },
  },
  silence: {
    meaning: 'it listens and never says a word',
    script: { mode: 'silent', firstMessage: null },
  },
  malformed: {
    meaning: 'between its words it sends what no client can read, in 17 ways',
    script: {
      malformed: MALFORMED_NAMES.map((what, index) => {
        return { what, afterMs: (index + 1) * BETWEEN_MALFORMED_MS }
      }),
    },
  },
} as const satisfies Record<string, NamedFault>

export type FaultName = keyof typeof NAMED_FAULTS

export const FAULT_NAMES = Object.keys(NAMED_FAULTS) as readonly FaultName[]
