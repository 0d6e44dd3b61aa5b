// The providers as the control API has them, with their routes on a server and a database of their own; and jobs that there
// are to be told of.
import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import fastify from 'fastify'
import type { Test } from 'tap'
import { openDatabase, type Database } from '../../../../control-api/db/database.ts'
import type { HttpServer } from '../../../../control-api/http-server.ts'
import {
  openAnimationProviders,
  type AnimationProviders,
  type ProvidersOptions,
  type ToldJob,
} from '../../../../control-api/media-jobs/providers/open-providers.ts'
import { installProblemDetails } from '../../../../control-api/plugins/problem-details.ts'
import { createVault } from '../../../../control-api/secrets/vault.ts'
import type { AnimationVendorConfig, MediaConfig } from '../../../../core/config/index.ts'
import { createMetrics, type Metrics } from '../../../../core/telemetry/index.ts'
import { createClock } from '../../../../core/time/index.ts'
import {} from '../../../support/build-app.ts'
import { A_TASK, aLogger, PATIENT } from './provider-stage.ts'
import { migratedDataDir } from '../../../support/data-folder.ts'

export interface Stage {
  readonly url: string
  readonly providers: AnimationProviders
  readonly database: Database
  readonly metrics: Metrics
  readonly dataDir: string
  readonly logged: () => string
  /** Whom messages woke, in order. */
  readonly woken: readonly ToldJob[]
  readonly close: () => Promise<void>
}

export interface StageOptions {
  readonly media?: Partial<MediaConfig>
  /** Default: one. */
  readonly hasSecretsKey?: boolean
  /** Default: where it listens. */
  readonly publicUrl?: string
  /** Of an earlier stage. */
  readonly dataDir?: string
  readonly now?: () => number
  readonly wake?: (told: ToldJob) => Promise<void>
  readonly retry?: ProvidersOptions['registrationRetry']
}

const KEY = { id: 'k1', key: Buffer.alloc(32, 7) }

export const vendorConfig = (vendor: {
  readonly baseUrl: string
  readonly apiKey: string
}): AnimationVendorConfig => ({
  baseUrl: vendor.baseUrl,
  apiKey: vendor.apiKey,
  voiceId: 'en-US-JennyNeural',
  deadlineMs: 600_000,
  maxJobs: 2,
})

export async function aStage(t: Test, options: StageOptions = {}): Promise<Stage> {
  const dataDir = options.dataDir ?? (await migratedDataDir(t))
  const { logger, logged } = aLogger()
  const database = await openDatabase(logger, { dataDir })
  const metrics = createMetrics()
  const real = createClock()
  const clock = options.now === undefined ? real : { ...real, now: options.now as typeof real.now }
  const vault = createVault(database, options.hasSecretsKey === false ? [] : [KEY])
  const app: HttpServer = fastify<Server>({ logger: false, forceCloseConnections: true })
  app.setValidatorCompiler(TypeBoxValidatorCompiler)
  app.setSerializerCompiler(() => (body) => JSON.stringify(body))
  installProblemDetails(app, logger)
  const address = (): string => `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  const providers = await openAnimationProviders(
    { logger, metrics, clock, database, vault },
    {
      config: {
        dId: undefined,
        heyGen: undefined,
        defaultProvider: 'd-id',
        maxUploadBytes: 1,
        maxAnimationsADay: 100_000,
        resultHosts: [],
        ...options.media,
      },
      publicUrl: () => options.publicUrl ?? address(),
      timing: PATIENT,
      registrationRetry: options.retry,
    },
  )
  const woken: ToldJob[] = []
  providers.routes(app, async (told) => {
    woken.push(told)
    await options.wake?.(told)
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  let closed: Promise<void> | undefined
  const close = (): Promise<void> =>
    (closed ??= app
      .close()
      .then(() => providers.close())
      .then(() => database.close()))
  t.teardown(close)
  return { url: address(), providers, database, metrics, dataDir, logged, woken, close }
}

export interface SomeJob {
  readonly provider?: 'd-id' | 'heygen'
  readonly taskId?: string
  readonly providerJobId?: string | null
  readonly state?: 'queued' | 'submitting' | 'processing'
}

export async function aJob({ database }: Stage, job: SomeJob = {}): Promise<string> {
  const { provider = 'd-id', taskId = A_TASK, providerJobId = null, state = 'processing' } = job
  const row = {
    task_id: taskId,
    provider,
    state,
    prompt: 'words',
    speech: 'provider',
    submissions: 1,
    tries: 0,
    provider_job_id: providerJobId,
    looks: 0,
    created_by: 'a test',
    created_at: 1,
    updated_at: 1,
  } as const
  await database.write([database.query.insertInto('animations').values(row)])
  return taskId
}

export const aTaskId = (): string => `ani_${randomBytes(12).toString('hex')}`
