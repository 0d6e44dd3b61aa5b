// The row of an animation, as the state machine reads and changes it.
import type { Selectable } from 'kysely'
import type { AnimationStepsTable, AnimationsTable } from '../../db/schema.ts'
import type { VideoFacts } from '../video/video-facts.ts'
import type { AnimationError } from './animation.ts'

export type AnimationRow = Selectable<AnimationsTable>
export type AnimationStepRow = Selectable<AnimationStepsTable>

/** Everything but who asked for what, and the version. */
export type AnimationChange = Partial<
  Omit<AnimationRow, 'task_id' | 'provider' | 'prompt' | 'created_by' | 'created_at' | 'updated_at'>
>

/** What was done, or is about to be. */
export interface AnimationStep {
  /** Such as `submitting.intended`. */
  readonly step: string
  /** Without secrets and vendor addresses. */
  readonly detail: Readonly<Record<string, string | number | boolean | null>>
}

/** What is known of the file that the provider made. */
export interface AnimationResult {
  readonly sha256?: string | undefined
  readonly bytes?: number | undefined
  readonly facts?: VideoFacts | undefined
  /** How often what was downloaded turned out to be damaged. */
  readonly damaged?: number | undefined
  /** The SHA-256 of those, each once. */
  readonly damagedAs?: readonly string[] | undefined
}

/** Written by us alone. */
export const resultOf = ({ result }: Pick<AnimationRow, 'result'>): AnimationResult =>
  result === null ? {} : (JSON.parse(result) as AnimationResult)

export const errorOf = ({ error }: Pick<AnimationRow, 'error'>): AnimationError | null =>
  error === null ? null : (JSON.parse(error) as AnimationError)

/** Canceled here, but it could not be removed there: it renders, or is done by now. */
export const isKeptThere = (row: AnimationRow): boolean =>
  row.state === 'canceled' && row.provider_job_id !== null && row.submitted_at !== null

/** The provider is done with it, and its result was not given up: nothing need be paid again. */
export const isFinishedThere = (row: AnimationRow): boolean =>
  row.provider_job_id !== null && row.submitted_at !== null && row.deadline_at === null
