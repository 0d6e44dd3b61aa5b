// Questions to the provider, which cost nothing: is there such a submission, how far is it; and forget it.
import { failureOf, type EffectDeps, type ProviderEffect } from './effect.ts'

export const look: ProviderEffect = async (provider, { row, signal }) => {
  const { client_ref: clientRef, submitting_since: since } = row
  if (clientRef === null || since === null) return { kind: 'looked', found: { kind: 'missing' } }
  try {
    return { kind: 'looked', found: await provider.findSubmission(clientRef, since, signal) }
  } catch (error) {
    signal.throwIfAborted()
    return { kind: 'look-failed', failure: failureOf(error) }
  }
}

export const createPoll =
  ({ metrics }: Pick<EffectDeps, 'metrics'>): ProviderEffect =>
  async (provider, { row, signal, fresh }) => {
    const cause = row.woken_at === null ? 'timer' : 'webhook'
    metrics.add('animation_polls_total', 1, { provider: row.provider, cause })
    try {
      const job = await provider.get(row.provider_job_id ?? '', signal)
      fresh.resultUrl = job.resultUrl ?? undefined
      return { kind: 'polled', job }
    } catch (error) {
      signal.throwIfAborted()
      return { kind: 'poll-failed', failure: failureOf(error) }
    }
  }

export const remove: ProviderEffect = async (provider, { row, signal }) => {
  try {
    return { kind: 'removed', isRemoved: await provider.remove(row.provider_job_id ?? '', signal) }
  } catch (error) {
    signal.throwIfAborted()
    failureOf(error)
    // Whoever canceled is told that it may still be there.
    return { kind: 'removed', isRemoved: false }
  }
}
