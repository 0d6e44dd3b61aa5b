// What a file is by its own bytes; its name says nothing.
import type { FileTypeResult } from 'file-type'
import type { VideoContainer } from './video/video-facts.ts'

export type PhotoFormat = 'jpeg' | 'png' | 'webp'

export type FileContent =
  | { readonly kind: 'photo'; readonly format: PhotoFormat }
  | { readonly kind: 'video'; readonly container: VideoContainer }
  | { readonly kind: 'other' }

const KNOWN: Readonly<Record<string, FileContent>> = {
  jpg: { kind: 'photo', format: 'jpeg' },
  png: { kind: 'photo', format: 'png' },
  webp: { kind: 'photo', format: 'webp' },
  mp4: { kind: 'video', container: 'mp4' },
  // Apple’s brand of the same.
  m4v: { kind: 'video', container: 'mp4' },
  mov: { kind: 'video', container: 'mov' },
  avi: { kind: 'video', container: 'avi' },
  mkv: { kind: 'video', container: 'mkv' },
  webm: { kind: 'video', container: 'webm' },
}

/** It only looks at the beginning: what takes longer, or more, is none of ours. */
const DEADLINE_MS = 5000
const MAX_READ_BYTES = 1024 * 1024

export async function contentOf(path: string, signal: AbortSignal): Promise<FileContent> {
  const found = await typeOf(path, signal)
  return (found && KNOWN[found.ext]) ?? { kind: 'other' }
}

async function typeOf(path: string, signal: AbortSignal): Promise<FileTypeResult | undefined> {
  const { fileTypeFromFile } = await import('file-type') // When the first file comes.
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)])
  try {
    return await fileTypeFromFile(path, { signal: deadline, maxBufferSize: MAX_READ_BYTES })
  } catch (error) {
    signal.throwIfAborted()
    // The disk is ours to mend; all else is what the bytes made of it.
    if (error instanceof Error && 'syscall' in error) throw error
    return undefined
  }
}
