// Libraries write to the console, drachtio-srf the whole of a SIP message it cannot read. Our log says only that one did.
import type { Logger } from './logger.ts'

const METHODS = ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const
const MAX_WORDS_CHARS = 80

/** Of this thread, from here on. */
export function logLibraryConsole(logger: Logger): void {
  const { console: target } = globalThis
  for (const method of METHODS)
    target[method] = (...said: readonly unknown[]): void => {
      const err = said.find((one) => one instanceof Error)
      const words = firstWords(said)
      logger.warn({ words, ...(err ? { err } : {}) }, 'a library wrote to the console')
    }
}

/** What stands before a colon or the end of a line is the library's; behind it stands what it was given. */
function firstWords(said: readonly unknown[]): string {
  const text = said.find((one) => typeof one === 'string') ?? ''
  return (/^[^:\r\n]*/.exec(text)?.[0] ?? '').slice(0, MAX_WORDS_CHARS)
}
