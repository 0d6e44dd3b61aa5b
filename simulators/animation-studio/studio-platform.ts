// What stands behind the door of each simulated vendor: the server, the log, the faults, the studio, the links, the webhooks.
import { ms } from '#core/contracts'
import { AppError } from '#core/errors'
import { runAll, waitFor } from '#core/lifecycle'
import { answerAtTheDesk, type DeskDeps } from './desk.ts'
import { faultsIn, JobFaultBook, type JobFault, type TaskFaults } from './job-faults.ts'
import { RequestFaults, type RequestFault, type RequestFaultOptions } from './request-faults.ts'
import { RequestLog, type RequestRecord } from './request-log.ts'
import { resultPath, serveResult } from './result-door.ts'
import { ResultLinks } from './result-links.ts'
import type { JobRecord, StudioJob } from './studio-job.ts'
import type { StudioVendor, StudioVendorOptions, SubmissionRecord } from './studio-options.ts'
import { StudioServer } from './studio-server.ts'
import { Studio } from './studio.ts'
import { tellOfEnd, type Telling } from './telling.ts'
import { createVideoRenderer, type VideoRenderer } from './video-renderer.ts'
import { WebhookSender, type WebhookRecord } from './webhook-sender.ts'

export interface PlatformPlan {
  readonly options: StudioVendorOptions
  readonly apiKey: string
  /** Rendering at a time. */
  readonly places: number
  readonly retryMs: readonly number[]
}

/** What is the vendor's own. */
export interface VendorSide extends Pick<DeskDeps, 'words' | 'routeOf' | 'carryOut'> {
  /** Of a request. */
  readonly mostBytes: number
  readonly tell: (job: StudioJob, telling: Telling) => Promise<unknown>
  /** How many files are kept. */
  readonly uploads: () => number
}

export const DAY_MS = 24 * 3_600_000
const WAIT_MS = 20_000
const MOST_RECORDS = 20_000

export class StudioPlatform implements StudioVendor {
  readonly apiKey: string
  readonly now: () => number
  readonly closing = new AbortController()
  readonly log = new RequestLog()
  readonly submissions: SubmissionRecord[] = []
  readonly billed: string[] = []
  readonly links: ResultLinks
  readonly sender: WebhookSender
  readonly studio: Studio
  readonly renderer: VideoRenderer
  credits: number
  readonly #plan: PlatformPlan
  readonly #requestFaults = new RequestFaults()
  readonly #jobFaults = new JobFaultBook()
  #vendor: VendorSide | undefined
  #server: StudioServer | undefined
  #closed: Promise<void> | undefined

  constructor(plan: PlatformPlan) {
    const { options } = plan
    this.#plan = plan
    this.apiKey = plan.apiKey
    this.now = options.now ?? Date.now
    const { now } = this
    this.credits = options.credits ?? 10_000
    this.links = new ResultLinks({ ttlMs: options.linkTtlMs ?? DAY_MS, now })
    this.renderer = options.renderer ?? createVideoRenderer()
    this.sender = new WebhookSender({
      now,
      reach: options.reach ?? ((url) => url),
      timeoutMs: options.webhookTimeoutMs ?? 10_000,
      retryMs: options.webhookRetryMs ?? plan.retryMs,
    })
    this.studio = new Studio({
      renderMs: options.renderMs ?? 0,
      places: plan.places,
      renderer: this.renderer,
      video: options.video,
      now,
      onOver: (job) => this.#tell(job),
    })
  }

  get baseUrl(): string {
    return this.#server?.baseUrl ?? ''
  }

  get requests(): readonly RequestRecord[] {
    return this.log.records
  }

  get counts(): Readonly<Record<string, number>> {
    return this.log.counts
  }

  get jobs(): readonly JobRecord[] {
    return this.studio.jobs.map(recordOf)
  }

  get webhooks(): readonly WebhookRecord[] {
    return this.sender.records
  }

  get uploads(): number {
    return this.#vendor?.uploads() ?? 0
  }

  get renders(): number {
    return this.renderer.runs
  }

  submissionsOf(clientRef: string): readonly SubmissionRecord[] {
    return this.submissions.filter((one) => one.clientRef === clientRef)
  }

  expireLinks(): void {
    this.links.expire()
  }

  listen(vendor: VendorSide): Promise<void> {
    this.#vendor = vendor
    this.#server = this.#openServer(vendor)
    return this.#server.listen()
  }

  /** Those of the task that this submission belongs to. */
  faultsOf(clientRef: string | null, text: string | null): TaskFaults {
    const earlier = this.submissions.length
    return this.#jobFaults.of({ clientRef, text }, () => [
      ...faultsIn(text ?? ''),
      ...(this.#plan.options.onSubmit?.({ clientRef, text: text ?? '', earlier }) ?? []),
    ])
  }

  record(submission: Omit<SubmissionRecord, 'at'>): void {
    this.submissions.push({ at: this.now(), ...submission })
    if (this.submissions.length > MOST_RECORDS) this.submissions.shift()
  }

  bill(job: StudioJob, credits: number): void {
    this.credits -= credits
    this.billed.push(job.id)
    if (this.billed.length > MOST_RECORDS) this.billed.shift()
  }

  /** A fresh one each time. */
  linkOf(job: StudioJob, meetsFaults: boolean): string {
    const isExpired = meetsFaults && job.faults.take('expired-link') !== undefined
    return this.links.make(this.baseUrl, resultPath(job.id), isExpired)
  }

  fail(fault: RequestFault, options: RequestFaultOptions = {}): void {
    this.#requestFaults.add(fault, options)
  }

  failJobs(faults: readonly JobFault[], tasks = 1): void {
    this.#jobFaults.add(faults, tasks)
  }

  finish(jobId: string): boolean {
    const job = this.studio.find(jobId)
    job?.finish()
    return job !== undefined
  }

  async waitForEnd(jobId: string, timeoutMs = WAIT_MS): Promise<JobRecord> {
    const job = this.studio.find(jobId)
    if (job === undefined) throw new AppError('NOT_FOUND', 'no such job at the simulated vendor')
    const told = job.over.then(() => job.told)
    await waitFor(told, { name: 'the end of a simulated job', timeout: ms(timeoutMs) })
    return recordOf(job)
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close())
  }

  async #close(): Promise<void> {
    this.closing.abort()
    this.studio.close()
    const ownRenderer = this.#plan.options.renderer === undefined
    await runAll([
      () => this.sender.close(),
      () => (ownRenderer ? this.renderer.close() : undefined),
      () => this.#server?.close(),
    ])
  }

  #tell(job: StudioJob): void {
    const { signal } = this.closing
    job.told = tellOfEnd(job, async (telling) => this.#vendor?.tell(job, telling), signal)
  }

  #openServer(vendor: VendorSide): StudioServer {
    const { host = '127.0.0.1', port = 0 } = this.#plan.options
    const closing = this.closing.signal
    const results = { links: this.links, find: (id: string) => this.studio.find(id), closing }
    const deps: DeskDeps = {
      ...vendor,
      log: this.log,
      faults: this.#requestFaults,
      now: this.now,
      serveResult: (request, response) => serveResult(results, request, response),
      closing,
    }
    return new StudioServer({
      host,
      port,
      mostBytes: vendor.mostBytes,
      answer: (request, response) => answerAtTheDesk(deps, request, response),
    })
  }
}

const recordOf = (job: StudioJob): JobRecord => ({
  id: job.id,
  clientRef: job.clientRef,
  state: job.state,
  createdAt: job.createdAt,
  endedAt: job.endedAt,
  isRemoved: job.isRemoved,
  failure: job.failure,
})
