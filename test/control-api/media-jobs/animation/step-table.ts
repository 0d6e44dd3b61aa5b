// A line of the state machine's table, and what each is looked at by.
import type { Test } from 'tap'
import type { AnimationRow } from '../../../../control-api/media-jobs/animation/animation-row.ts'
import type { AnimationEvent } from '../../../../control-api/media-jobs/animation/machine/event.ts'
import { nextStep } from '../../../../control-api/media-jobs/animation/machine/next-step.ts'
import type { StepContext } from '../../../../control-api/media-jobs/animation/machine/next.ts'
import {
  ProviderFailure,
  type ProviderFailureKind,
  type ProviderJob,
} from '../../../../control-api/media-jobs/providers/animation-provider.ts'
import { aContext, aRow, NOW } from './rows.ts'

export interface Case {
  readonly title: string
  readonly row?: Partial<AnimationRow>
  readonly event: AnimationEvent
  readonly context?: Partial<StepContext>
  /** Of the row; an error is told by its kind. */
  readonly set: Record<string, unknown>
  readonly step?: string
  readonly waitMs: number
}

export const said = (
  kind: ProviderFailureKind,
  more: { isUnsettled?: boolean; retryAfterMs?: number } = {},
) => new ProviderFailure(kind, `They said ${kind}.`, more)
export const job = (of: Partial<ProviderJob>): ProviderJob => ({
  state: 'running',
  status: 'started',
  resultUrl: null,
  failure: null,
  ...of,
})
export const own = { message: 'It did not work.', isPassing: true }
export const never = { ...own, isPassing: false }
export const failed = (kind: string) => ({
  state: 'failed',
  finished_at: NOW,
  error: kind,
  submitting_since: null,
})
export const canceling = { cancel_asked_at: NOW - 10 }
export const last = { submissions: 3 }

export function lookAt(t: Test, cases: readonly Case[]): void {
  for (const { title, row, event, context, set, step, waitMs } of cases)
    t.test(`${event.kind}: ${title}`, async (t) => {
      const before = aRow(row)
      const next = nextStep(before, event, aContext(context))
      const { error } = next.set
      const shown =
        typeof error === 'string'
          ? { ...next.set, error: (JSON.parse(error) as { kind: string }).kind }
          : next.set
      t.match(shown, set)
      if (Object.keys(set).length === 0) t.strictSame(next.set, {}, 'nothing is written')
      t.equal(next.step?.step, step)
      t.equal(next.waitMs, waitMs)
      t.notMatch(JSON.stringify(next.step?.detail ?? {}), /https?:/, 'no address stands in a step')
    })
}
