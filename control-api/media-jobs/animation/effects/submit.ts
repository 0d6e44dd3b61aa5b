// The request that costs money: sent once for each intent, or again under the same key where the provider knows it by that.
import type { Submission } from '../../providers/animation-provider.ts'
import type { AnimationRow } from '../animation-row.ts'
import { failureOf, type EffectDeps, type ProviderEffect } from './effect.ts'

export const createSubmit =
  ({ providers, metrics }: EffectDeps, isRepeated: boolean): ProviderEffect =>
  async (provider, { row, signal }) => {
    const counted = (result: 'accepted' | 'repeated' | 'refused' | 'failed' | 'unknown'): void =>
      metrics.add('animation_submissions_total', 1, { provider: row.provider, result })
    try {
      const providerJobId = await provider.submit(submissionOf(row, providers), signal)
      counted(isRepeated ? 'repeated' : 'accepted')
      return { kind: 'accepted', providerJobId, isRepeated }
    } catch (error) {
      const failure = failureOf(error)
      counted(failure.isUnsettled ? 'unknown' : failure.isPassing ? 'failed' : 'refused')
      return { kind: 'submit-failed', failure, isRepeated }
    }
  }

function submissionOf(row: AnimationRow, providers: EffectDeps['providers']): Submission {
  const { provider, task_id: taskId, source_ref: imageRef, client_ref: clientRef } = row
  // The machine has seen to both; a row without them is nobody's to guess at.
  if (imageRef === null || clientRef === null) throw new Error('a submission without its parts')
  const voiceId = row.voice_id ?? providers.configOf(provider)?.voiceId ?? null
  const speech =
    row.audio_ref === null
      ? ({ kind: 'text', text: row.prompt, voiceId } as const)
      : ({ kind: 'audio', audioRef: row.audio_ref } as const)
  return { imageRef, speech, clientRef, webhookUrl: providers.webhookUrl(provider, taskId) }
}
