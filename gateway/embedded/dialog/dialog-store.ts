// All dialogs, found by the application's id, by their tags, or by Call-ID.
import type { Dialog, DialogOwner } from './dialog.ts'
import { EndedIds } from './ended-ids.ts'

const tagsKey = (callId: string, localTag: string, remoteTag: string): string =>
  `${callId}|${localTag}|${remoteTag}`

export class DialogStore<Owner extends DialogOwner> {
  readonly #byId = new Map<string, Dialog<Owner>>()
  readonly #byTags = new Map<string, Dialog<Owner>>()
  readonly #byCallId = new Map<string, Dialog<Owner>>()
  readonly #ended = new EndedIds()
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  get size(): number {
    return this.#byTags.size
  }

  get isFull(): boolean {
    return this.size >= this.#max
  }

  /** `hidden` ones, the losing branches of a fork, are not shown to the application. */
  add(dialog: Dialog<Owner>, visibility: 'visible' | 'hidden'): void {
    const { id, callId, localTag, remoteTag } = dialog.init
    this.#byTags.set(tagsKey(callId, localTag, remoteTag), dialog)
    if (visibility === 'hidden') return
    this.#byId.set(id, dialog)
    this.#byCallId.set(callId, dialog)
  }

  remove(dialog: Dialog<Owner>): void {
    const { id, callId, localTag, remoteTag } = dialog.init
    dialog.answer?.stop()
    dialog.sessionTimer?.stop()
    dialog.afterAck = []
    const key = tagsKey(callId, localTag, remoteTag)
    if (this.#byTags.get(key) === dialog) this.#byTags.delete(key)
    if (this.#byId.get(id) === dialog) {
      this.#byId.delete(id)
      if (dialog.confirmed) this.#ended.add(id)
    }
    if (this.#byCallId.get(callId) === dialog) this.#byCallId.delete(callId)
  }

  byId(id: string): Dialog<Owner> | undefined {
    return this.#byId.get(id)
  }

  /** Whether an answered dialog has, or had, this id. */
  isUsed(id: string): boolean {
    return this.#byId.has(id) || this.#ended.has(id)
  }

  byTags(callId: string, localTag: string, remoteTag: string): Dialog<Owner> | undefined {
    return this.#byTags.get(tagsKey(callId, localTag, remoteTag))
  }

  confirmedByCallId(callId: string): Dialog<Owner> | undefined {
    const dialog = this.#byCallId.get(callId)
    return dialog?.confirmed === true ? dialog : undefined
  }

  ofOwner(owner: Owner): Dialog<Owner>[] {
    return [...this.#byTags.values()].filter((dialog) => dialog.init.owner === owner)
  }

  close(): void {
    for (const dialog of this.#byTags.values()) this.remove(dialog)
  }
}
