// The result is fetched, by an address that the provider gives anew each time it is asked.
import { ProviderFailure, type AnimationProvider } from '../../providers/animation-provider.ts'
import { fetchFile, RESULT_LIMITS, type FetchedFile } from '../fetch-file.ts'
import type { AnimationEvent } from '../machine/event.ts'
import {
  failureOf,
  ownFailure,
  type EffectDeps,
  type Effort,
  type ProviderEffect,
} from './effect.ts'

export const createDownload =
  (deps: EffectDeps): ProviderEffect =>
  async (provider, effort) => {
    const { row, signal, fresh } = effort
    const address = fresh.resultUrl ?? (await addressOf(provider, effort))
    // It is good for one attempt.
    fresh.resultUrl = undefined
    if (typeof address !== 'string') return { kind: 'result-refused', failure: address }
    const { files, maxVideoBytes: maxBytes, fetchLimits } = deps
    const policy = deps.resultPolicyOf(provider)
    const fetching = files.make<FetchedFile>(
      { taskId: row.task_id, kind: 'video' },
      (path) =>
        fetchFile(policy, { url: address, path, maxBytes, signal }, fetchLimits ?? RESULT_LIMITS),
      ({ kind }) => kind === 'fetched',
    )
    return fetching.then(eventOf, (error: unknown) => {
      signal.throwIfAborted()
      return { kind: 'download-failed', failure: ownFailure(error), isExpired: false }
    })
  }

async function addressOf(
  provider: AnimationProvider,
  { row, signal }: Effort,
): Promise<string | ProviderFailure> {
  try {
    const { state, resultUrl, failure } = await provider.get(row.provider_job_id ?? '', signal)
    if (state === 'done' && resultUrl !== null) return resultUrl
    const why = 'The provider does not say any more where the video is.'
    return failure ?? new ProviderFailure('transient', why)
  } catch (error) {
    signal.throwIfAborted()
    return failureOf(error)
  }
}

const KEPT = '"retry" then fetches it, and pays nothing.'

/** The others pass, perhaps. */
const TO_DO: Readonly<Partial<Record<FetchedFile['kind'], string>>> = {
  refused: `Name its host in MEDIA_RESULT_HOSTS if it is the provider’s. ${KEPT}`,
  'too-large': `Raise MEDIA_MAX_UPLOAD_MB. ${KEPT}`,
}

function eventOf(fetched: FetchedFile): AnimationEvent {
  if (fetched.kind === 'fetched')
    return { kind: 'downloaded', bytes: fetched.bytes, sha256: fetched.sha256 }
  const { kind, why } = fetched
  return {
    kind: 'download-failed',
    failure: {
      message: `The finished video cannot be fetched: ${why}.`,
      isPassing: kind === 'failed' || kind === 'gone',
      toDo: TO_DO[kind],
    },
    isExpired: kind === 'gone',
  }
}
