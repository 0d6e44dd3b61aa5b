// What was downloaded is decoded from end to end, and gets its preview.
import { codeOf, messageOf } from '#core/errors'
import { newMediaId } from '../../media-keys.ts'
import { resultOf } from '../animation-row.ts'
import type { AnimationEvent } from '../machine/event.ts'
import type { Effect, EffectDeps } from './effect.ts'

export const createCheck =
  ({ video, files }: EffectDeps): Effect =>
  async ({ row, signal }) => {
    const { task_id: taskId } = row
    const size = await files.sizeOf(taskId, 'video')
    if (size === undefined || size !== resultOf(row).bytes) return { kind: 'file-missing' }
    const path = files.pathOf(taskId, 'video')
    try {
      const checked = await video.check(path, signal)
      if (checked.kind === 'bad') return { kind: 'bad', fault: checked.fault }
      await files.make({ taskId, kind: 'preview' }, (target) => video.preview(path, target, signal))
      const mediaId = row.result_media_id ?? newMediaId()
      return { kind: 'good', facts: checked.facts, mediaId }
    } catch (error) {
      signal.throwIfAborted()
      return notChecked(error)
    }
  }

function notChecked(error: unknown): AnimationEvent {
  const message = messageOf(error)
  switch (codeOf(error)) {
    case 'MEDIA_BUSY':
      return { kind: 'not-checked', why: 'busy', message }
    case 'VIDEO_TOOLS_MISSING':
      return { kind: 'not-checked', why: 'no-tools', message }
    case 'MEDIA_DAMAGED':
      return { kind: 'bad', fault: { kind: 'damaged', message } }
    case undefined:
      throw error
    default:
      return { kind: 'not-checked', why: 'failed', message }
  }
}
