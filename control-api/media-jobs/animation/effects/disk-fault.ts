// What the disk with our work folder says, in words for whoever waits for an animation: what is full or broken, and what to do.
import type { OwnFailure } from '../machine/event.ts'

const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT'])
const BROKEN: ReadonlySet<string> = new Set([
  'EIO',
  'EROFS',
  'EACCES',
  'EPERM',
  'ENOENT',
  'EMFILE',
  'ENFILE',
])

const MAX_DEPTH = 4

/** Undefined: it is no error of a file. */
export function diskFaultOf(error: unknown): OwnFailure | undefined {
  const code = codeIn(error)
  if (code === undefined) return undefined
  return FULL.has(code)
    ? {
        message: 'The disk of this server is full.',
        isPassing: true,
        toDo: 'Make room where DATA_DIR is, then "retry": what the provider has finished is not paid again.',
      }
    : {
        message: `The files of this server cannot be read or written (${code}).`,
        isPassing: true,
        toDo: 'Check the disk and the rights of DATA_DIR/media-work, then "retry": what the provider has finished is not paid again.',
      }
}

/** Of a file, not of a connection: those name what they were called with otherwise. */
function codeIn(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < MAX_DEPTH; depth += 1) {
    const code = 'code' in at && typeof at.code === 'string' ? at.code : ''
    if (FULL.has(code) || BROKEN.has(code)) return code
    at = at.cause
  }
  return undefined
}
