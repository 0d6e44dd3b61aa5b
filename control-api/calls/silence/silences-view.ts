// Silences and speech as REST shows them: on the axis of the timeline.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { CAUSE_OF, SILENCE_CAUSES, SILENCE_REASONS } from './silence.ts'
import type { FoundSilences } from './find-silences.ts'
import { words } from '../../view-parts.ts'

const strict = { additionalProperties: false }
const fromMs = Type.Integer({ description: 'Since the call was created' })
const toMs = Type.Integer()

export const silencesSchema = Type.Object(
  {
    items: Type.Array(
      Type.Object(
        {
          from_ms: fromMs,
          to_ms: toMs,
          cause: words(SILENCE_CAUSES, 'Whose it was; `caller`: nobody’s fault, it was their turn'),
          reason: words(SILENCE_REASONS, 'Why; more will come'),
          detail: Type.String({ description: 'The same in a sentence, with figures' }),
        },
        strict,
      ),
      {
        description:
          'Every second and more of an answered call in which nothing was heard; before the answer, waiting for the ' +
          'first response',
      },
    ),
    speech: Type.Array(
      Type.Object(
        {
          who: words(['caller', 'agent'], '`agent`: messages of ours too'),
          from_ms: fromMs,
          to_ms: toMs,
        },
        strict,
      ),
      {
        description:
          'Who was heard when. By the recording where there is one; else the caller’s is an estimate from when their ' +
          'words were understood',
      },
    ),
  },
  strict,
)

export function viewSilences(
  createdAt: number,
  { silences, speech }: FoundSilences,
): Static<typeof silencesSchema> {
  const offset = (at: number): number => Math.round(at - createdAt)
  return {
    items: silences.map(({ from, to, reason, detail }) => ({
      from_ms: offset(from),
      to_ms: offset(to),
      cause: CAUSE_OF[reason],
      reason,
      detail,
    })),
    speech: speech.map(({ who, from, to }) => ({
      who,
      from_ms: offset(from),
      to_ms: offset(to),
    })),
  }
}
