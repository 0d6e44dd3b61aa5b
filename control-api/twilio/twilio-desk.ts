// What everything that acts on calls of Twilio has in common.
import type { IvrConfig, TwilioConfig } from '#core/config'
import type {
  AgentDirectory,
  CallControl,
  CallJournal,
  CallSlot,
  RecordingPolicy,
} from '#core/contracts'
import type { Metrics } from '#core/telemetry'
import type { CallRepository } from '../calls/repository.ts'
import type { FlowDesk } from '../ivr/flow-desk.ts'
import type { JobQueue } from '../jobs/job-queue.ts'
import type { CallBook } from './call-book.ts'
import type { TwilioRest } from './client.ts'
import type { StreamTokens } from './stream-token.ts'
import type { TwilioCallDeps } from './twilio-call.ts'
import type { WebhookUrls } from './webhook-urls.ts'

export interface TwilioDesk extends TwilioCallDeps {
  readonly metrics: Pick<Metrics, 'add' | 'observe'>
  readonly twilio: TwilioConfig
  readonly ivr: IvrConfig | undefined
  readonly recordCalls: RecordingPolicy
  readonly book: CallBook
  readonly rest: TwilioRest
  readonly urls: WebhookUrls
  readonly tokens: StreamTokens
  readonly journal: CallJournal
  readonly directory: AgentDirectory
  readonly calls: Pick<CallRepository, 'find'>
  readonly jobs: JobQueue
  /** Absent: there is no menu. */
  readonly flows: Pick<FlowDesk, 'begin' | 'advance' | 'current'> | undefined
  /** Whoever admits calls of all kinds; undefined before the gateway is up. */
  readonly callControl: () => Pick<CallControl, 'admit'> | undefined
  /** An agent can be heard over a stream. */
  readonly canStream: () => boolean
  isDraining: boolean
}

/** A call that an earlier run admitted. */
export const NO_SLOT: CallSlot = { agentOver: () => undefined, release: () => undefined }

export const TRUNK = 'twilio'

export const turnKey = ({ step, attempt }: { step: string; attempt: number }): string =>
  `${step} ${attempt}`
