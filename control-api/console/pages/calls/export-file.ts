// The calls that were found, written into a file as they come: where the browser lets a page write one, straight to the
// disk; elsewhere gathered, then saved. A part is never saved as the whole.
import { exportFoundCalls } from '../../api/generated/sdk.gen.ts'
import type { ExportFoundCallsData } from '../../api/generated/types.gen.ts'

export type ExportBody = ExportFoundCallsData['body']

export interface ExportProgress {
  readonly signal: AbortSignal
  /** Bytes so far. */
  readonly onBytes: (bytes: number) => void
}

interface Target {
  write(piece: Uint8Array<ArrayBuffer>): Promise<void>
  close(): Promise<void>
  abort(): Promise<void>
}

/** Not every browser can remove what was chosen. */
type PickedFile = FileSystemFileHandle & { remove?(): Promise<void> }
type PickFile = (options: { readonly suggestedName: string }) => Promise<PickedFile>

/**
 * @returns how many bytes were saved; undefined when somebody chose no file after all
 * @throws ApiProblem, or what broke the transfer; nothing is kept then
 */
export async function exportCalls(
  body: ExportBody,
  { signal, onBytes }: ExportProgress,
): Promise<number | undefined> {
  const target = await openTarget(`calls.${body.format ?? 'csv'}`)
  if (target === undefined) return undefined
  try {
    // Called off, or the page left, while a file was chosen.
    signal.throwIfAborted()
    const bytes = await copy(await openFile(body, signal), target, onBytes)
    await target.close()
    return bytes
  } catch (error) {
    // Why it failed matters more than what could not be cleared away.
    await target.abort().catch(() => undefined)
    throw error
  }
}

async function openFile(
  body: ExportBody,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  // The client's own fetch gives every answer twenty seconds: this one may take minutes.
  const { data } = await exportFoundCalls({ body, signal, parseAs: 'stream', fetch })
  return data as unknown as ReadableStream<Uint8Array<ArrayBuffer>>
}

async function copy(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  target: Target,
  onBytes: (bytes: number) => void,
): Promise<number> {
  const reader = stream.getReader()
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return bytes
    await target.write(value)
    bytes += value.length
    onBytes(bytes)
  }
}

async function openTarget(name: string): Promise<Target | undefined> {
  const pick = (globalThis as { readonly showSaveFilePicker?: PickFile }).showSaveFilePicker
  if (pick === undefined) return gathering(name)
  try {
    const file = await pick({ suggestedName: name })
    // Choosing a new name makes an empty file; one that was there before keeps what is in it.
    const isNew = (await file.getFile()).size === 0
    const writable = await file.createWritable()
    return {
      write: (piece) => writable.write(piece),
      close: () => writable.close(),
      async abort() {
        // After a failed write it is aborted already.
        await writable.abort().catch(() => undefined)
        if (isNew) await file.remove?.()
      },
    }
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return undefined
    // Not allowed here (a frame, a policy): gathered then.
    return gathering(name)
  }
}

function gathering(name: string): Target {
  const pieces: Uint8Array<ArrayBuffer>[] = []
  return {
    write(piece) {
      pieces.push(piece)
      return Promise.resolve()
    },
    close() {
      save(new Blob(pieces), name)
      return Promise.resolve()
    },
    abort() {
      pieces.length = 0
      return Promise.resolve()
    },
  }
}

/** Long enough for the browser to have taken it. */
const FREE_AFTER_MS = 60_000

function save(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), FREE_AFTER_MS)
}
