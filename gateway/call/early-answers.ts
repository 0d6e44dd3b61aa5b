// The answers that provisional responses brought: the final one need not repeat its own (RFC 3261 §13.2.1, RFC 6337 §3.1).

/** A call rings at a few phones; a carrier that names more is not believed. */
const MAX_DIALOGS = 16

export class EarlyAnswers {
  readonly #byRemoteTag = new Map<string, string>()

  /** The first description of an early dialog is the answer; what differs from it later is none. */
  note(remoteTag: string, sdp: string): void {
    if (sdp === '' || this.#byRemoteTag.size >= MAX_DIALOGS) return
    if (!this.#byRemoteTag.has(remoteTag)) this.#byRemoteTag.set(remoteTag, sdp)
  }

  /** Empty when that dialog brought none. */
  of(remoteTag: string): string {
    return this.#byRemoteTag.get(remoteTag) ?? ''
  }
}
