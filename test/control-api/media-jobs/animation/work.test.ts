// What an animation needs next, for every state of its row.
import t from 'tap'
import { workOf, type Work } from '../../../../control-api/media-jobs/animation/machine/work.ts'
import type { AnimationRow } from '../../../../control-api/media-jobs/animation/animation-row.ts'
import { aContext, aRow, FINISHED, HEYGEN, INTENDED, MINUTE, NOW, RENDERING, SENT } from './rows.ts'

interface Case {
  readonly title: string
  readonly row: Partial<AnimationRow>
  readonly more?: { provider?: typeof HEYGEN | undefined; hasSpeech?: boolean }
  readonly work: Work
}

const spoken = { speech: 'elevenlabs' } as const
const canceled = { cancel_asked_at: NOW - 10 }
const gone = { provider: undefined }
const watched = { ...RENDERING, state: 'failed', watched_until: NOW + MINUTE } as const

const CASES: readonly Case[] = [
  {
    title: 'a linked photo is fetched',
    row: { media_id: null, image_url: 'https://x.org/p.jpg' },
    work: { kind: 'fetch-photo' },
  },
  {
    title: 'words are not spoken before there is a place',
    row: spoken,
    work: { kind: 'take-place' },
  },
  { title: 'a photo that is here waits for a place', row: {}, work: { kind: 'take-place' } },
  {
    title: 'a provider that is gone is said',
    row: {},
    more: gone,
    work: { kind: 'say-unconfigured' },
  },
  {
    title: 'nothing is sent twice while it is kept',
    row: { state: 'submitting', ...SENT },
    work: { kind: 'submit' },
  },
  { title: 'it is uploaded first', row: { state: 'submitting' }, work: { kind: 'upload' } },
  {
    title: 'what is about to be dropped there is uploaded again',
    row: { state: 'submitting', ...SENT, refs_until: NOW + MINUTE },
    work: { kind: 'upload' },
  },
  {
    title: 'speech that was not sent is',
    row: { state: 'submitting', ...SENT, ...spoken },
    more: { hasSpeech: true },
    work: { kind: 'upload' },
  },
  {
    title: 'words are spoken when there is a place, also when they were lost',
    row: { state: 'submitting', ...spoken },
    work: { kind: 'speak' },
  },
  { title: 'an open submission is looked for', row: INTENDED, work: { kind: 'look' } },
  {
    title: 'an open submission is repeated where that is safe',
    row: INTENDED,
    more: { provider: HEYGEN },
    work: { kind: 'repeat' },
  },
  {
    title: 'one that is too old to repeat is looked for',
    row: { ...INTENDED, submitting_since: NOW - 25 * 60 * MINUTE },
    more: { provider: HEYGEN },
    work: { kind: 'look' },
  },
  {
    title: 'a second look takes its time, whatever woke us',
    row: { ...INTENDED, looks: 1 },
    work: { kind: 'wait', ms: 29_000 },
  },
  {
    title: 'a second look',
    row: { ...INTENDED, looks: 1, updated_at: NOW - 30_000 },
    work: { kind: 'look' },
  },
  {
    title: 'where a repetition is paid again, none is sent, also when the clock went back',
    row: { ...INTENDED, submitting_since: NOW + 60 * MINUTE, updated_at: NOW + 60 * MINUTE },
    work: { kind: 'look' },
  },
  {
    title: 'where it is safe, the clock may go back',
    row: { ...INTENDED, submitting_since: NOW + 60 * MINUTE },
    more: { provider: HEYGEN },
    work: { kind: 'repeat' },
  },
  {
    title: 'a second look does not wait for a clock that went back',
    row: { ...INTENDED, looks: 1, updated_at: NOW + 60 * MINUTE },
    work: { kind: 'look' },
  },
  {
    title: 'one whose repetition was refused is looked for',
    row: { ...INTENDED, looks: 1, updated_at: NOW - 30_000 },
    more: { provider: HEYGEN },
    work: { kind: 'look' },
  },
  { title: 'a rendering one is asked about', row: RENDERING, work: { kind: 'poll' } },
  {
    title: 'also behind its deadline: it may be done',
    row: { ...RENDERING, deadline_at: NOW - 1 },
    work: { kind: 'poll' },
  },
  {
    title: 'a rendering one waits for its provider',
    row: RENDERING,
    more: gone,
    work: { kind: 'say-unconfigured' },
  },
  {
    title: 'a result is downloaded',
    row: { ...FINISHED, state: 'downloading' },
    work: { kind: 'download' },
  },
  {
    title: 'a download waits for its provider',
    row: { ...FINISHED, state: 'downloading' },
    more: gone,
    work: { kind: 'say-unconfigured' },
  },
  {
    title: 'a download is checked, provider or not',
    row: { ...FINISHED, state: 'validating' },
    more: gone,
    work: { kind: 'check' },
  },
  {
    title: 'a checked one is stored, provider or not',
    row: { ...FINISHED, state: 'storing' },
    more: gone,
    work: { kind: 'store' },
  },
  {
    title: 'a canceled one that was never submitted ends',
    row: { state: 'submitting', ...canceled },
    work: { kind: 'cancel' },
  },
  {
    title: 'a canceled one of unknown fate is not repeated',
    row: { ...INTENDED, ...canceled },
    more: { provider: HEYGEN },
    work: { kind: 'look' },
  },
  {
    title: 'a canceled one is removed there',
    row: { ...RENDERING, ...canceled },
    work: { kind: 'remove' },
  },
  {
    title: 'a canceled one ends without its provider',
    row: { ...RENDERING, ...canceled },
    more: gone,
    work: { kind: 'cancel' },
  },
  {
    title: 'a canceled one is removed there while it is stored',
    row: { ...FINISHED, state: 'storing', ...canceled },
    work: { kind: 'remove' },
  },
  { title: 'done is done', row: { ...FINISHED, state: 'done' }, work: { kind: 'none' } },
  {
    title: 'canceled is canceled',
    row: { ...RENDERING, state: 'canceled' },
    work: { kind: 'none' },
  },
  { title: 'failed is failed', row: { ...RENDERING, state: 'failed' }, work: { kind: 'none' } },
  { title: 'a late result is watched for', row: watched, work: { kind: 'poll' } },
  {
    title: 'it is not watched for without its provider',
    row: watched,
    more: gone,
    work: { kind: 'wait', ms: 300_000 },
  },
  {
    title: 'it is not watched for for ever',
    row: { ...watched, watched_until: NOW },
    work: { kind: 'forget' },
  },
]

for (const { title, row, more = {}, work } of CASES)
  t.test(title, async (t) => {
    const context = { ...aContext(), hasSpeech: false, ...more }
    t.strictSame(workOf(aRow(row), context), work)
  })
