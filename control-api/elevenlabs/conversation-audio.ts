// The vendor's sound of a talk on its way into the media store.
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { MediaStore } from '#core/contracts'
import type { ConversationStore } from './conversation-store.ts'

const CONTENT_TYPE = 'audio/mpeg'
const PLAIN_NAME = /^[a-z0-9_-]+$/

export interface ConversationAudio {
  /** A file that is not there yet, for what comes in. */
  incoming(): string
  /** Takes the file over; the conversation has it afterwards. @throws AppError `STORAGE_UNAVAILABLE`. */
  keep(conversationId: string, path: string): Promise<void>
}

/** @param folder for what is on its way in; what a crash left there is deleted */
export async function openConversationAudio(
  store: Pick<ConversationStore, 'keepAudio'>,
  mediaStore: MediaStore,
  folder: string,
): Promise<ConversationAudio> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return {
    incoming: () => join(folder, `${randomUUID()}.mp3`),
    async keep(conversationId, path) {
      const stored = await mediaStore.putFile(keyOf(conversationId), path, CONTENT_TYPE)
      const isKept = await store.keepAudio(conversationId, stored)
      // Erased while it came in.
      if (!isKept) await mediaStore.delete(stored.key)
    },
  }
}

/** Keys have small letters alone; ids of the vendor may have others. */
function keyOf(conversationId: string): string {
  const name = PLAIN_NAME.test(conversationId)
    ? conversationId
    : createHash('sha256').update(conversationId).digest('hex')
  return `vendor-audio/${name}.mp3`
}
