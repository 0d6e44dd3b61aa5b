// The words are spoken by ElevenLabs, once: the file stays until the animation is over.
import { ownFailure, type Effect, type EffectDeps } from './effect.ts'

export const createSpeak =
  ({ providers, speech, files }: EffectDeps): Effect =>
  async ({ row, signal }) => {
    if (speech === undefined) {
      const message = 'ElevenLabs is not set up here any more: nobody speaks the words.'
      return { kind: 'speech-failed', failure: { message, isPassing: false } }
    }
    const maxBytes = providers.find(row.provider)?.limits.maxAudioBytes
    try {
      const { bytes } = await files.make({ taskId: row.task_id, kind: 'speech' }, (path) =>
        speech.speakTo(path, { text: row.prompt, voiceId: row.voice_id, signal, maxBytes }),
      )
      return { kind: 'spoken', bytes }
    } catch (error) {
      signal.throwIfAborted()
      return { kind: 'speech-failed', failure: ownFailure(error) }
    }
  }
