// What is over its time is deleted, in small steps, oldest first: audio, then words, then events, then the numbers. What
// is deleted leaves the index that it was found by, so each sweep begins where the last one ended, whatever came between.
import {
  sweepEvents,
  sweepNumbers,
  sweepRecordingLinks,
  sweepRecordings,
  sweepTranscripts,
} from './sweep-calls.ts'
import { sweepVendorAudio, sweepVendorWords } from './sweep-conversations.ts'
import { sweepAnswers, sweepDeliveries, sweepFeed } from './sweep-feed.ts'
import { sweepAnimations } from './sweep-animations.ts'
import { sweepMedia } from './sweep-media.ts'
import { Sweep, type Deleted, type SweepDeps, type SweepOptions } from './sweep.ts'

/** Of those to an `Idempotency-Key`, whatever else is kept for how long. */
const ANSWER_DAYS = 1

/** @returns what was deleted. @throws AppError `STORAGE_UNAVAILABLE` when a file could not be: all else was */
export async function sweepRetention(deps: SweepDeps, options: SweepOptions): Promise<Deleted> {
  const sweep = new Sweep(deps, options)
  const { audio, transcripts, events, media } = options.days
  await sweepRecordings(sweep, sweep.before(audio))
  await sweepVendorAudio(sweep, sweep.before(audio))
  await sweepRecordingLinks(sweep, sweep.before(audio))
  await sweepTranscripts(sweep, sweep.before(transcripts))
  await sweepVendorWords(sweep, sweep.before(transcripts))
  await sweepEvents(sweep, sweep.before(events))
  await sweepFeed(sweep, sweep.before(events))
  await sweepDeliveries(sweep, sweep.before(events))
  if (media !== undefined) {
    await sweepAnimations(sweep, sweep.before(media))
    await sweepMedia(sweep, sweep.before(media))
  }
  await sweepAnswers(sweep, sweep.before(ANSWER_DAYS))
  // The last of it all: what is left of a call is a line in the statistics.
  await sweepNumbers(sweep, sweep.before(Math.max(audio, transcripts, events)))
  sweep.end()
  return sweep.deleted
}
