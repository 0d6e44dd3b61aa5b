// Photo and speech are sent to the provider: free, and kept there for a while.
import type { AnimationProvider } from '../../providers/animation-provider.ts'
import type { AnimationEvent } from '../machine/event.ts'
import {
  failureOf,
  ownFailure,
  type EffectDeps,
  type Effort,
  type ProviderEffect,
} from './effect.ts'

export const createUpload =
  (deps: EffectDeps): ProviderEffect =>
  async (provider, effort) => {
    const { row, signal } = effort
    const { files } = deps
    try {
      const refused = await copyPhoto(deps, effort)
      return refused ?? (await send(deps, provider, effort))
    } catch (error) {
      signal.throwIfAborted()
      return { kind: 'upload-failed', failure: failureOf(error) }
    } finally {
      await files.remove(row.task_id, 'photo')
    }
  }

/** What stands in the way. */
async function copyPhoto(
  { library, files }: EffectDeps,
  { row, signal }: Effort,
): Promise<AnimationEvent | undefined> {
  const item = row.media_id === null ? undefined : await library.find(row.media_id)
  if (item === undefined) {
    const message = 'The photo is gone: it was deleted meanwhile.'
    return { kind: 'photo-failed', failure: { message, isPassing: false } }
  }
  try {
    await library.copyOut(item, files.pathOf(row.task_id, 'photo'), signal)
    return undefined
  } catch (error) {
    signal.throwIfAborted()
    return { kind: 'photo-failed', failure: ownFailure(error) }
  }
}

async function send(
  { files }: EffectDeps,
  provider: AnimationProvider,
  { row, signal }: Effort,
): Promise<AnimationEvent> {
  const { task_id: taskId } = row
  const photo = { path: files.pathOf(taskId, 'photo'), contentType: 'image/jpeg' } as const
  const image = await provider.uploadImage(photo, signal)
  if (row.speech === 'provider')
    return { kind: 'uploaded', imageRef: image.ref, audioRef: null, keptForMs: image.keptForMs }
  const words = { path: files.pathOf(taskId, 'speech'), contentType: 'audio/mpeg' } as const
  const audio = await provider.uploadAudio(words, signal)
  return {
    kind: 'uploaded',
    imageRef: image.ref,
    audioRef: audio.ref,
    keptForMs: Math.min(image.keptForMs, audio.keptForMs),
  }
}
