// Files on their way to the server, one after the other, wherever in the console somebody is meanwhile. Pure but for `send`.
import { asProblem, type ApiProblem } from '../../../api/problem.ts'
import type { Media } from '../shapes.ts'

export type UploadState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'sending'; readonly sentBytes: number }
  /** All of it is there; the server looks what it is. */
  | { readonly kind: 'checking' }
  | { readonly kind: 'done'; readonly media: Media }
  | { readonly kind: 'failed'; readonly problem: ApiProblem }
  | { readonly kind: 'canceled' }

export interface Upload {
  readonly id: number
  readonly name: string
  readonly bytes: number
  readonly memorialId: string
  readonly state: UploadState
}

export interface SendWish {
  readonly file: File
  readonly memorialId: string
  readonly signal: AbortSignal
  /** @param sentBytes of the file; all of them: it is with the server */
  readonly onSent: (sentBytes: number) => void
}

export interface UploadQueue {
  readonly subscribe: (listener: () => void) => () => void
  /** Newest last; the same list until something changes. */
  readonly all: () => readonly Upload[]
  /** @returns how many were not taken: there are too many */
  add(files: readonly File[], memorialId: string): number
  cancel(id: number): void
  /** One that failed, or was canceled. */
  again(id: number): void
  /** Those that are over are no longer shown. */
  clear(): void
}

/** Each holds a file of the reader's open. */
export const MOST_UPLOADS = 100

export const isUnderWay = ({ state: { kind } }: Upload): boolean =>
  kind === 'waiting' || kind === 'sending' || kind === 'checking'

interface Sending {
  readonly id: number
  readonly abort: AbortController
}

export function createUploadQueue(send: (wish: SendWish) => Promise<Media>): UploadQueue {
  const list = createUploadList()
  const files = new Map<number, File>()
  let sending: Sending | undefined
  const next = (): void => {
    if (sending !== undefined) return
    const upload = list.all().find(({ state }) => state.kind === 'waiting')
    const file = upload && files.get(upload.id)
    if (upload === undefined || file === undefined) return
    sending = { id: upload.id, abort: new AbortController() }
    void run(upload, file, sending.abort.signal)
  }
  const run = async (upload: Upload, file: File, signal: AbortSignal): Promise<void> => {
    const { id, memorialId, bytes } = upload
    const isCanceled = (): boolean => list.stateOf(id) === 'canceled'
    const onSent = (sentBytes: number): void => {
      if (isCanceled()) return
      list.become(id, sentBytes >= bytes ? { kind: 'checking' } : { kind: 'sending', sentBytes })
    }
    list.become(id, { kind: 'sending', sentBytes: 0 })
    const end = await send({ file, memorialId, signal, onSent }).then(
      (media): UploadState => ({ kind: 'done', media }),
      (error: unknown): UploadState => ({ kind: 'failed', problem: asProblem(error) }),
    )
    sending = undefined
    // What came too late to be canceled is there all the same.
    if (end.kind === 'done' || !isCanceled()) list.become(id, end)
    if (end.kind === 'done') files.delete(id)
    next()
  }
  return {
    all: list.all,
    subscribe: list.subscribe,
    add(added, memorialId) {
      const room = MOST_UPLOADS - list.all().filter(isUnderWay).length
      const taken = added.slice(0, Math.max(0, room))
      for (const file of taken) files.set(list.add(file, memorialId), file)
      next()
      return added.length - taken.length
    },
    cancel(id) {
      const kind = list.stateOf(id)
      if (kind !== 'waiting' && kind !== 'sending' && kind !== 'checking') return
      list.become(id, { kind: 'canceled' })
      if (sending?.id === id) sending.abort.abort()
    },
    again(id) {
      const kind = list.stateOf(id)
      // One that was canceled a moment ago may still be ending.
      if ((kind !== 'failed' && kind !== 'canceled') || sending?.id === id) return
      list.become(id, { kind: 'waiting' })
      next()
    },
    clear() {
      for (const id of list.clear()) files.delete(id)
    },
  }
}

/** What is shown of them. */
function createUploadList() {
  const listeners = new Set<() => void>()
  let uploads: readonly Upload[] = []
  let lastId = 0
  const tell = (next: readonly Upload[]): void => {
    uploads = next
    for (const listener of listeners) listener()
  }
  return {
    all: () => uploads,
    subscribe: (listener: () => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    stateOf: (id: number) => uploads.find((one) => one.id === id)?.state.kind,
    add({ name, size: bytes }: File, memorialId: string): number {
      lastId += 1
      tell([...uploads, { id: lastId, name, bytes, memorialId, state: { kind: 'waiting' } }])
      return lastId
    },
    become: (id: number, state: UploadState) =>
      tell(uploads.map((one) => (one.id === id ? { ...one, state } : one))),
    /** @returns the ids of those that are gone */
    clear(): readonly number[] {
      const gone = uploads.filter((one) => !isUnderWay(one))
      tell(uploads.filter(isUnderWay))
      return gone.map(({ id }) => id)
    },
  }
}
