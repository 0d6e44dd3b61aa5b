// /api/jobs: what is to be done in the background, what was given up, and what an administrator does about it.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { rfc3339 } from '#core/contracts'
import { AppError } from '#core/errors'
import type { AuditLog } from '../../access/audit-log.ts'
import type { HttpServer } from '../../http-server.ts'
import { JOB_STATES, type JobQueue, type ListedJob } from '../../jobs/job-queue.ts'
import { problem } from '../problem.ts'

export interface JobRoutesDeps {
  readonly jobs: JobQueue
  readonly audit: AuditLog
}

const strict = { additionalProperties: false }
const JOB_ID = '^job_[0-9a-f]{32}$'
const admin = { access: 'admin' } as const
const tags = ['operation']
const time = Type.String({ format: 'date-time' })

const jobSchema = Type.Object(
  {
    job_id: Type.String(),
    kind: Type.String(),
    state: Type.Enum([...JOB_STATES]),
    data: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
    attempts: Type.Integer({ description: 'Runs begun that did not come to “later”' }),
    run_at: time,
    last_error: Type.Union([Type.String(), Type.Null()]),
    asked_at: time,
    updated_at: time,
  },
  strict,
)

const params = Type.Object({ job_id: Type.String({ maxLength: 64 }) })

export function jobRoutes(app: HttpServer, { jobs, audit }: JobRoutesDeps): void {
  listRoute(app, jobs)
  const retry = {
    tags,
    operationId: 'retryJob',
    summary: 'Give a parked job its attempts back; it runs at once',
    params,
    response: { 202: jobSchema, 404: problem, 409: problem },
  }
  app.post('/api/jobs/:job_id/retry', { schema: retry, config: admin }, async (request, reply) => {
    const job = await find(jobs, request.params.job_id, ['parked'])
    const noted = audit.noted(request.principal, 'job.retried', job.jobId, { kind: job.kind })
    if (!(await jobs.retry(job.jobId, [noted]))) throw notIn(['parked'])
    // It may be done already, and gone.
    return reply.status(202).send(view({ ...job, state: 'waiting', attempts: 0 }))
  })
  const giveUp = {
    tags,
    operationId: 'deleteJob',
    summary: 'Give up a parked or waiting job for good',
    params,
    response: { 204: { type: 'null', description: 'It is gone' }, 404: problem, 409: problem },
  }
  app.delete('/api/jobs/:job_id', { schema: giveUp, config: admin }, async (request, reply) => {
    const job = await find(jobs, request.params.job_id, ['parked', 'waiting'])
    const noted = audit.noted(request.principal, 'job.deleted', job.jobId, { kind: job.kind })
    if (!(await jobs.giveUp(job.jobId, [noted]))) throw notIn(['parked', 'waiting'])
    return reply.status(204).send()
  })
}

function listRoute(app: HttpServer, jobs: JobQueue): void {
  const schema = {
    tags,
    operationId: 'listJobs',
    summary: 'Background jobs of one state, newest first; those that are done are gone',
    querystring: Type.Object(
      {
        state: Type.Optional(Type.Enum([...JOB_STATES], { default: 'parked' })),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
        cursor: Type.Optional(Type.String({ pattern: JOB_ID, maxLength: 64 })),
      },
      strict,
    ),
    response: {
      200: Type.Object({
        items: Type.Array(jobSchema),
        next_cursor: Type.Union([Type.String(), Type.Null()], {
          description: 'For the next page, of the same state; null on the last',
        }),
      }),
      400: problem,
    },
  }
  app.get('/api/jobs', { schema, config: admin }, async (request) => {
    const { state = 'parked', limit = 50, cursor = null } = request.query
    const found = await jobs.list(state, cursor, limit + 1)
    const items = found.slice(0, limit)
    const next = found.length > limit ? items.at(-1)?.jobId : undefined
    return { items: items.map(view), next_cursor: next ?? null }
  })
}

/** @throws AppError `NOT_FOUND`, `STATE_CONFLICT`. */
async function find(
  jobs: JobQueue,
  jobId: string,
  states: readonly ListedJob['state'][],
): Promise<ListedJob> {
  const job = await jobs.find(jobId)
  if (job === undefined) throw new AppError('NOT_FOUND', 'There is no job with this id.')
  if (!states.includes(job.state)) throw notIn(states)
  return job
}

const notIn = (states: readonly string[]): AppError =>
  new AppError('STATE_CONFLICT', `The job is not ${states.join(' or ')}.`)

const view = (job: ListedJob): Static<typeof jobSchema> => ({
  job_id: job.jobId,
  kind: job.kind,
  state: job.state,
  data: job.data,
  attempts: job.attempts,
  run_at: rfc3339(job.runAt),
  last_error: job.lastError,
  asked_at: rfc3339(job.askedAt),
  updated_at: rfc3339(job.updatedAt),
})
