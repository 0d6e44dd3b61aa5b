// How a simulated vendor of talking videos is started, and what its owner can do with it: what all of them have in common.
import type { JobFault } from './job-faults.ts'
import type { RequestFault, RequestFaultOptions } from './request-faults.ts'
import type { RequestRecord } from './request-log.ts'
import type { JobRecord, OnSubmit } from './studio-job.ts'
import type { VideoRenderer } from './video-renderer.ts'
import type { WebhookRecord } from './webhook-sender.ts'

export interface StudioVendorOptions {
  /** Default 127.0.0.1; nothing but loopback makes sense. */
  readonly host?: string | undefined
  /** Default 0: any free one. */
  readonly port?: number | undefined
  /** Epoch milliseconds. Default Date.now. */
  readonly now?: (() => number) | undefined
  readonly apiKey?: string | undefined
  /** How long a job renders, beside the time that ffmpeg takes. Default 0. */
  readonly renderMs?: number | undefined
  /** The result of every job. Default: its photo, made to move by ffmpeg. */
  readonly video?: Buffer | undefined
  /** One that several share, who closes it is whoever gives it. Default: one of its own. */
  readonly renderer?: VideoRenderer | undefined
  /** How long a result link is good. Default 24 h. */
  readonly linkTtlMs?: number | undefined
  /** How long uploads are kept. Default 24 h. */
  readonly uploadsKeptMs?: number | undefined
  /** What is left to spend. Default 10,000. */
  readonly credits?: number | undefined
  /** Where webhooks go in truth. Default: where they say. */
  readonly reach?: ((url: string) => string) | undefined
  /** Default 10 s. */
  readonly webhookTimeoutMs?: number | undefined
  /** Before each further attempt. */
  readonly webhookRetryMs?: readonly number[] | undefined
  /** Webhooks may go to http on loopback too. Default true: nothing here has a certificate. */
  readonly allowHttpLoopback?: boolean | undefined
  /** What goes wrong with a task that is met for the first time, beside what its text says. */
  readonly onSubmit?: OnSubmit | undefined
}

/** A request that was to make a job. */
export interface SubmissionRecord {
  readonly at: number
  readonly clientRef: string | null
  readonly text: string | null
  /** Null: none was made. */
  readonly jobId: string | null
  /** What was answered; 0: nothing. */
  readonly status: number
  /** The answer of an earlier one was repeated: nothing was made anew. */
  readonly isReplay?: boolean | undefined
}

export interface StudioVendor {
  /** http://127.0.0.1:port */
  readonly baseUrl: string
  readonly apiKey: string
  /** The newest last; the last 20,000, as all of these. */
  readonly requests: readonly RequestRecord[]
  /** By route, such as `GET /talks/{id}`. */
  readonly counts: Readonly<Record<string, number>>
  readonly submissions: readonly SubmissionRecord[]
  submissionsOf(clientRef: string): readonly SubmissionRecord[]
  readonly jobs: readonly JobRecord[]
  /** Ids of jobs that were paid for. */
  readonly billed: readonly string[]
  readonly webhooks: readonly WebhookRecord[]
  /** How many files it keeps. */
  readonly uploads: number
  /** How often ffmpeg ran. */
  readonly renders: number
  credits: number
  /** The next requests go wrong. */
  fail(fault: RequestFault, options?: RequestFaultOptions): void
  /** The next tasks go wrong. `tasks`: how many; default 1. */
  failJobs(faults: readonly JobFault[], tasks?: number): void
  /** All result links that were given so far. */
  expireLinks(): void
  /** Ends the wait of a job that never finishes, or late. @returns false: no such job */
  finish(jobId: string): boolean
  /** When it is done or has failed, and its webhooks were answered. @throws AppError `NOT_FOUND`, `TIMED_OUT` */
  waitForEnd(jobId: string, timeoutMs?: number): Promise<JobRecord>
  close(): Promise<void>
}
