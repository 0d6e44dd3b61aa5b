// An animation as REST shows it: schema and rendering side by side. Addresses of providers and of linked photos stay here.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { epochMs, rfc3339 } from '#core/contracts'
import {
  ANIMATION_ERROR_KINDS,
  ANIMATION_PROVIDERS,
  ANIMATION_STATES,
  ANIMATION_STATUSES,
  isOver,
  statusOf,
} from '../../media-jobs/animation/animation.ts'
import { mayRetry } from '../../media-jobs/animation/animation-desk.ts'
import {
  errorOf,
  type AnimationRow,
  type AnimationStepRow,
} from '../../media-jobs/animation/animation-row.ts'
import { nullable } from '../../view-parts.ts'

const strict = { additionalProperties: false }
const text = (description: string) => nullable(Type.String(), description)
const time = (description: string) => nullable(Type.String({ format: 'date-time' }), description)

export const providerSchema = Type.Enum([...ANIMATION_PROVIDERS])
export const statusSchema = Type.Enum([...ANIMATION_STATUSES])
export const speechSchema = Type.Enum(['provider', 'elevenlabs'], {
  description: 'Whose voice speaks the words',
})

const errorSchema = Type.Object(
  {
    kind: Type.Enum([...ANIMATION_ERROR_KINDS]),
    code: text('What the provider calls it'),
    message: Type.String({ description: 'What went wrong, and what to do' }),
  },
  strict,
)

const fields = {
  task_id: Type.String(),
  provider: providerSchema,
  status: statusSchema,
  state: Type.Enum([...ANIMATION_STATES]),
  media_id: text('The photo; null until it was fetched from image_url'),
  memorial_id: text('Whose it is'),
  prompt: Type.String(),
  voice_id: text('Null: the configured one'),
  speech: speechSchema,
  submissions: Type.Integer({
    description: 'Requests to the provider in all, also before a retry: each may cost money',
  }),
  provider_job_id: text('What the provider calls it'),
  provider_status: text('Its last word about it'),
  result_media_id: text('The video'),
  video_url: text('Of this server; null until it is done'),
  preview_url: text('A picture of the video'),
  error: nullable(errorSchema, 'Why it failed, or cannot go on'),
  may_retry: Type.Boolean(),
  may_cancel: Type.Boolean(),
  deadline_at: time('It fails when the provider has nothing by then'),
  created_by: Type.String({ description: 'Whose key' }),
  created_at: Type.String({ format: 'date-time' }),
  submitted_at: time('When the provider took it'),
  finished_at: time('Null while it is under way'),
  updated_at: Type.String({ format: 'date-time' }),
}

export const animationSchema = Type.Object(fields, strict)

export const animationDetailSchema = Type.Object(
  {
    ...fields,
    steps: Type.Array(
      Type.Object(
        {
          position: Type.Integer(),
          at: Type.String({ format: 'date-time' }),
          step: Type.String({ examples: ['submitting.intended'] }),
          detail: Type.Record(Type.String(), Type.Unknown()),
        },
        strict,
      ),
      { description: 'What was done, in order: intents before, results after' },
    ),
  },
  strict,
)

export const animationStatusSchema = Type.Object(
  {
    task_id: Type.String(),
    status: statusSchema,
    video_url: text('Of this server; null until it is done'),
    provider: providerSchema,
    error: text('Why it failed'),
  },
  strict,
)

/** @param publicUrl without a slash at its end; empty: below this server */
export function viewAnimation(
  row: AnimationRow,
  publicUrl: string,
): Static<typeof animationSchema> {
  const isDone = row.state === 'done' && row.result_media_id !== null
  const below = `${publicUrl}/api/v1/media/${row.result_media_id ?? ''}`
  return {
    task_id: row.task_id,
    provider: row.provider,
    status: statusOf(row.state),
    state: row.state,
    media_id: row.media_id,
    memorial_id: row.memorial_id,
    prompt: row.prompt,
    voice_id: row.voice_id,
    speech: row.speech,
    submissions: row.submissions,
    provider_job_id: row.provider_job_id,
    provider_status: row.provider_status,
    result_media_id: isDone ? row.result_media_id : null,
    video_url: isDone ? `${below}/content` : null,
    preview_url: isDone ? `${below}/preview` : null,
    error: viewError(row),
    may_retry: mayRetry(row),
    may_cancel: !isOver(row.state) && row.cancel_asked_at === null,
    deadline_at: written(row.deadline_at),
    created_by: row.created_by,
    created_at: rfc3339(epochMs(row.created_at)),
    submitted_at: written(row.submitted_at),
    finished_at: written(row.finished_at),
    updated_at: rfc3339(epochMs(row.updated_at)),
  }
}

export const viewAnimationDetail = (
  row: AnimationRow,
  steps: readonly AnimationStepRow[],
  publicUrl: string,
): Static<typeof animationDetailSchema> => ({
  ...viewAnimation(row, publicUrl),
  steps: steps.map(({ position, at, step, detail }) => ({
    position,
    at: rfc3339(epochMs(at)),
    step,
    detail: JSON.parse(detail) as Record<string, unknown>,
  })),
})

export function viewStatus(
  row: AnimationRow,
  publicUrl: string,
): Static<typeof animationStatusSchema> {
  const { task_id, status, video_url, provider, error } = viewAnimation(row, publicUrl)
  return { task_id, status, video_url, provider, error: error?.message ?? null }
}

function viewError(row: AnimationRow): Static<typeof errorSchema> | null {
  const error = errorOf(row)
  return error && { kind: error.kind, code: error.code, message: error.message }
}

const written = (at: number | null): string | null => (at === null ? null : rfc3339(epochMs(at)))
