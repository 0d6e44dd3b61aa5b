// The state machine as a table: what becomes of an animation that renders, or is late.
import t from 'tap'
import { nextStep } from '../../../../control-api/media-jobs/animation/machine/next-step.ts'
import { MINUTE, NOW, RENDERING, aContext, aRow } from './rows.ts'
import { lookAt, canceling, failed, job, last, said, type Case } from './step-table.ts'

const watched = {
  ...RENDERING,
  state: 'failed',
  watched_until: NOW + MINUTE,
  error: '{"kind":"deadline"}',
} as const

const CASES: readonly Case[] = [
  // Processing.
  {
    title: 'it still renders: nothing is written',
    row: RENDERING,
    event: { kind: 'polled', job: job({}) },
    set: {},
    waitMs: 30_000,
  },
  {
    title: 'questions come soon at first',
    row: { ...RENDERING, submitted_at: NOW - 5000 },
    event: { kind: 'polled', job: job({}) },
    set: {},
    waitMs: 7500,
  },
  {
    title: 'a new word of theirs is written',
    row: { ...RENDERING, woken_at: NOW - 9 },
    event: { kind: 'polled', job: job({ status: 'rendering' }) },
    set: { provider_status: 'rendering', woken_at: null },
    step: 'processing.told',
    waitMs: 30_000,
  },
  {
    title: 'it is done',
    row: RENDERING,
    event: {
      kind: 'polled',
      job: job({ state: 'done', status: 'done', resultUrl: 'https://x/y' }),
    },
    set: { state: 'downloading', deadline_at: null, provider_status: 'done', tries: 0 },
    step: 'downloading.begun',
    waitMs: 0,
  },
  {
    title: 'done without a result is not done',
    row: RENDERING,
    event: { kind: 'polled', job: job({ state: 'done', status: 'done' }) },
    set: { provider_status: 'done' },
    step: 'processing.told',
    waitMs: 30_000,
  },
  {
    title: 'what they refuse is over',
    row: RENDERING,
    event: {
      kind: 'polled',
      job: job({ state: 'failed', status: 'rejected', failure: said('moderation') }),
    },
    set: failed('moderation'),
    step: 'failed',
    waitMs: 0,
  },
  {
    title: 'what they cannot explain is over',
    row: RENDERING,
    event: { kind: 'polled', job: job({ state: 'failed', status: 'error' }) },
    set: failed('unknown'),
    step: 'failed',
    waitMs: 0,
  },
  {
    title: 'an accident of theirs is submitted again',
    row: RENDERING,
    event: {
      kind: 'polled',
      job: job({ state: 'failed', status: 'error', failure: said('transient') }),
    },
    set: { state: 'submitting', provider_job_id: null },
    step: 'processing.failed',
    waitMs: 1500,
  },
  {
    title: 'the third accident is the last',
    row: { ...RENDERING, ...last },
    event: {
      kind: 'polled',
      job: job({ state: 'failed', status: 'error', failure: said('transient') }),
    },
    set: failed('transient'),
    step: 'failed',
    waitMs: 0,
  },
  {
    title: 'its time is over',
    row: { ...RENDERING, deadline_at: NOW },
    event: { kind: 'polled', job: job({}) },
    set: { ...failed('deadline'), watched_until: NOW + 24 * 60 * MINUTE },
    step: 'failed',
    waitMs: 0,
  },
  {
    title: 'its time is over, and they do not answer',
    row: { ...RENDERING, deadline_at: NOW },
    event: { kind: 'poll-failed', failure: said('transient') },
    set: { ...failed('deadline'), watched_until: NOW + 24 * 60 * MINUTE },
    step: 'failed',
    waitMs: 0,
  },
  {
    title: 'a question is asked again',
    row: { ...RENDERING, woken_at: NOW - 9 },
    event: { kind: 'poll-failed', failure: said('transient') },
    set: { woken_at: null },
    waitMs: 30_000,
  },
  {
    title: 'not before they say',
    row: RENDERING,
    event: { kind: 'poll-failed', failure: said('rate_limited', { retryAfterMs: 90_000 }) },
    set: {},
    waitMs: 90_000,
  },
  {
    title: 'a key that is refused does not lose what is paid',
    row: RENDERING,
    event: { kind: 'poll-failed', failure: said('auth') },
    set: { error: 'auth' },
    step: 'processing.not_told',
    waitMs: 30_000,
  },
  {
    title: 'a job that they do not know any more',
    row: { ...RENDERING, submitted_at: NOW - 2 * MINUTE },
    event: { kind: 'poll-failed', failure: said('not_found') },
    set: failed('not_found'),
    step: 'failed',
    waitMs: 0,
  },
  {
    title: 'a job that they do not know yet',
    row: { ...RENDERING, submitted_at: NOW - 5000 },
    event: { kind: 'poll-failed', failure: said('not_found') },
    set: { error: 'not_found' },
    step: 'processing.not_told',
    waitMs: 7500,
  },
  {
    title: 'it is removed there',
    row: { ...RENDERING, ...canceling },
    event: { kind: 'removed', isRemoved: true },
    set: { state: 'canceled', provider_job_id: null },
    step: 'canceled',
    waitMs: 0,
  },
  {
    title: 'it cannot be removed there',
    row: { ...RENDERING, ...canceling },
    event: { kind: 'removed', isRemoved: false },
    set: { state: 'canceled', provider_job_id: undefined },
    step: 'canceled',
    waitMs: 0,
  },
  // Late.
  {
    title: 'a late result is taken',
    row: watched,
    event: {
      kind: 'polled',
      job: job({ state: 'done', status: 'done', resultUrl: 'https://x/y' }),
    },
    set: { state: 'downloading', finished_at: null, watched_until: null },
    step: 'downloading.late',
    waitMs: 0,
  },
  {
    title: 'no late result yet',
    row: watched,
    event: { kind: 'polled', job: job({}) },
    set: {},
    waitMs: 300_000,
  },
  {
    title: 'there will be no late result',
    row: watched,
    event: { kind: 'polled', job: job({ state: 'failed', status: 'error' }) },
    set: { watched_until: null },
    step: 'failed.no_result',
    waitMs: 0,
  },
  {
    title: 'they do not answer about it',
    row: watched,
    event: { kind: 'poll-failed', failure: said('transient') },
    set: {},
    waitMs: 300_000,
  },
  {
    title: 'they have forgotten it',
    row: { ...watched, submitted_at: NOW - 60 * MINUTE },
    event: { kind: 'poll-failed', failure: said('not_found') },
    set: { watched_until: null },
    step: 'failed.no_result',
    waitMs: 0,
  },
  {
    title: 'it is not watched for any more',
    row: watched,
    event: { kind: 'forgotten' },
    set: { watched_until: null },
    step: 'failed.forgotten',
    waitMs: 0,
  },
]

lookAt(t, CASES)

t.test('what waits says so once', async (t) => {
  const event = { kind: 'unconfigured', setting: 'DID_API_KEY' } as const
  const first = nextStep(aRow(), event, aContext())
  const again = nextStep(aRow({ error: first.set.error ?? null }), event, aContext())
  t.strictSame(again, { set: {}, step: undefined, waitMs: 60_000 })
})

t.test('questions are spread by a quarter', async (t) => {
  const event = { kind: 'polled', job: job({}) } as const
  const at = (random: number): number =>
    nextStep(aRow(RENDERING), event, aContext({ random: () => random })).waitMs
  t.strictSame([at(0), at(1)], [22_500, 37_500])
})
