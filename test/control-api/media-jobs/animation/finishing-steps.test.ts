// The state machine as a table: what becomes of a result.
import t from 'tap'
import { aContext, aRow, FACTS, FINISHED, NOW } from './rows.ts'
import { nextStep } from '../../../../control-api/media-jobs/animation/machine/next-step.ts'
import type { AnimationEvent } from '../../../../control-api/media-jobs/animation/machine/event.ts'
import type { AnimationRow } from '../../../../control-api/media-jobs/animation/animation-row.ts'
import { lookAt, failed, last, never, own, said, type Case } from './step-table.ts'

const downloading = { ...FINISHED, state: 'downloading' } as const
const validating = {
  ...FINISHED,
  state: 'validating',
  result: '{"sha256":"ab","bytes":1000}',
} as const
const storing = { ...FINISHED, state: 'storing', result_media_id: 'med_2' } as const

const damagedAs = (sha256: string): string =>
  JSON.stringify({ sha256: 'ab', bytes: 1000, damaged: 2, damagedAs: [sha256] })

const CASES: readonly Case[] = [
  // Finishing.
  {
    title: 'it is downloaded',
    row: { ...downloading, result: '{"damaged":1,"damagedAs":["cd"]}' },
    event: { kind: 'downloaded', bytes: 9, sha256: 'ab' },
    set: {
      state: 'validating',
      tries: 0,
      result: '{"sha256":"ab","bytes":9,"damaged":1,"damagedAs":["cd"]}',
    },
    step: 'validating.begun',
    waitMs: 0,
  },
  {
    title: 'a download is tried again',
    row: downloading,
    event: { kind: 'download-failed', failure: own, isExpired: false },
    set: { tries: 1 },
    step: 'downloading.failed',
    waitMs: 30_000,
  },
  {
    title: 'a fresh address is asked for at once',
    row: downloading,
    event: { kind: 'download-failed', failure: own, isExpired: true },
    set: { tries: 1 },
    step: 'downloading.failed',
    waitMs: 0,
  },
  {
    title: 'but not again and again',
    row: { ...downloading, tries: 1 },
    event: { kind: 'download-failed', failure: own, isExpired: true },
    set: { tries: 2 },
    step: 'downloading.failed',
    waitMs: 120_000,
  },
  {
    title: 'a download is tried three times',
    row: { ...downloading, tries: 2 },
    event: { kind: 'download-failed', failure: own, isExpired: true },
    set: failed('download'),
    step: 'failed',
    waitMs: 0,
  },
  {
    title: 'a download from elsewhere is not tried again',
    row: downloading,
    event: { kind: 'download-failed', failure: never, isExpired: false },
    set: failed('download'),
    step: 'failed',
    waitMs: 0,
  },
  {
    title: 'its address is asked for again',
    row: downloading,
    event: { kind: 'result-refused', failure: said('transient') },
    set: { tries: 1 },
    step: 'downloading.no_address',
    waitMs: 30_000,
  },
  {
    title: 'its address is not to be had',
    row: downloading,
    event: { kind: 'result-refused', failure: said('permission') },
    set: failed('permission'),
    step: 'failed',
    waitMs: 0,
  },
  {
    title: 'what they have no more is not gone on with',
    row: downloading,
    event: { kind: 'result-refused', failure: said('not_found') },
    set: { ...failed('not_found'), provider_job_id: null },
    step: 'failed',
    waitMs: 0,
  },
  {
    title: 'a file that is lost is fetched again',
    row: validating,
    event: { kind: 'file-missing' },
    set: { state: 'downloading', tries: 0 },
    step: 'downloading.again',
    waitMs: 0,
  },
  {
    title: 'it is good',
    row: validating,
    event: { kind: 'good', facts: FACTS, mediaId: 'med_2' },
    set: { state: 'storing', result_media_id: 'med_2', tries: 0 },
    step: 'storing.begun',
    waitMs: 0,
  },
  {
    title: 'it is damaged: it is fetched again',
    row: validating,
    event: { kind: 'bad', fault: { kind: 'damaged', message: 'Cut off.' } },
    set: { state: 'downloading', result: '{"damaged":1,"damagedAs":["ab"]}' },
    step: 'downloading.again',
    waitMs: 30_000,
  },
  {
    title: 'damaged otherwise each time: it is made again',
    row: { ...validating, result: damagedAs('cd') },
    event: { kind: 'bad', fault: { kind: 'damaged', message: 'Cut off.' } },
    set: { state: 'queued', provider_job_id: null, result: null },
    step: 'queued.again',
    waitMs: 0,
  },
  {
    title: 'the same damaged file three times is for somebody to decide',
    row: { ...validating, result: damagedAs('ab') },
    event: { kind: 'bad', fault: { kind: 'damaged', message: 'Cut off.' } },
    set: failed('damaged_result'),
    step: 'failed',
    waitMs: 0,
  },
  {
    title: 'damaged for the last time',
    row: { ...validating, ...last, result: damagedAs('cd') },
    event: { kind: 'bad', fault: { kind: 'damaged', message: 'Cut off.' } },
    set: failed('damaged_result'),
    step: 'failed',
    waitMs: 0,
  },
  {
    title: 'a check of ours that is too slow is tried again',
    row: validating,
    event: { kind: 'bad', fault: { kind: 'too-slow', message: 'Too slow.' } },
    set: { tries: 1 },
    step: 'validating.failed',
    waitMs: 30_000,
  },
  {
    title: 'it is too slow three times',
    row: { ...validating, tries: 2 },
    event: { kind: 'bad', fault: { kind: 'too-slow', message: 'Too slow.' } },
    set: failed('unknown'),
    step: 'failed',
    waitMs: 0,
  },
  ...(['too-long', 'too-large', 'unsupported'] as const).map((kind): Case => ({
    title: `what is ${kind} for us is over`,
    row: validating,
    event: { kind: 'bad', fault: { kind, message: 'Not here.' } },
    set: failed('unknown'),
    step: 'failed',
    waitMs: 0,
  })),
  {
    title: 'a disk that is full is one of the tries, and said',
    row: downloading,
    event: { kind: 'disk-failed', failure: own },
    set: { tries: 1, error: 'storage' },
    step: 'downloading.disk_failed',
    waitMs: 30_000,
  },
  {
    title: 'a disk stays full',
    row: { ...validating, tries: 2 },
    event: { kind: 'disk-failed', failure: own },
    set: failed('storage'),
    step: 'failed',
    waitMs: 0,
  },
  {
    title: 'too many are being checked',
    row: validating,
    event: { kind: 'not-checked', why: 'busy', message: 'Busy.' },
    set: {},
    waitMs: 2000,
  },
  {
    title: 'without ffmpeg it waits, and says so',
    row: validating,
    event: { kind: 'not-checked', why: 'no-tools', message: 'No ffmpeg.' },
    set: { error: 'unknown' },
    step: 'validating.waits',
    waitMs: 60_000,
  },
  {
    title: 'a check that fails is tried again',
    row: validating,
    event: { kind: 'not-checked', why: 'failed', message: 'Oops.' },
    set: { tries: 1 },
    step: 'validating.failed',
    waitMs: 30_000,
  },
  {
    title: 'it is stored',
    row: storing,
    event: { kind: 'stored' },
    set: { state: 'done', finished_at: NOW, error: null },
    step: 'done',
    waitMs: 0,
  },
  {
    title: 'storing is tried again',
    row: storing,
    event: { kind: 'store-failed', failure: own },
    set: { tries: 1 },
    step: 'storing.failed',
    waitMs: 30_000,
  },
  {
    title: 'storing is tried three times',
    row: { ...storing, tries: 2 },
    event: { kind: 'store-failed', failure: own },
    set: failed('storage'),
    step: 'failed',
    waitMs: 0,
  },
]

lookAt(t, CASES)

const ENDS: readonly (readonly [string, Partial<AnimationRow>, AnimationEvent])[] = [
  ['too slow', validating, { kind: 'bad', fault: { kind: 'too-slow', message: 'Too slow.' } }],
  ['too large', validating, { kind: 'bad', fault: { kind: 'too-large', message: 'Too large.' } }],
  ['unsupported', validating, { kind: 'bad', fault: { kind: 'unsupported', message: 'Odd.' } }],
  [
    'damaged the same',
    { ...validating, result: damagedAs('ab') },
    { kind: 'bad', fault: { kind: 'damaged', message: 'Cut off.' } },
  ],
  ['not fetched', downloading, { kind: 'download-failed', failure: own, isExpired: true }],
  ['not stored', storing, { kind: 'store-failed', failure: own }],
]

for (const [what, row, event] of ENDS)
  t.test(`a finished video that is ${what} is not thrown away`, async (t) => {
    const next = nextStep(aRow({ ...row, tries: 2 }), event, aContext())
    t.equal(next.set.state, 'failed')
    t.notOk('provider_job_id' in next.set, 'a retry goes on from there')
    const { message } = JSON.parse(String(next.set.error)) as { message: string }
    t.match(message, /"retry".* pays nothing/)
    t.notMatch(message, /by itself/)
  })
