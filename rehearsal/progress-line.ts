// One line that says what is being played, rewritten in place; only on a terminal.
import type { WriteStream } from 'node:tty'

export interface ProgressLine {
  readonly show: (playing: readonly string[], done: number) => void
  readonly clear: () => void
}

const REWRITE_MS = 500
const CLEAR_LINE = '\r\u001b[K'

export function createProgressLine(
  stream: Pick<WriteStream, 'write'> & { readonly isTTY?: boolean },
  total: number,
): ProgressLine {
  if (stream.isTTY !== true) return { show: () => undefined, clear: () => undefined }
  const startedAt = Date.now()
  let text = 'opening the stage'
  const write = (): void => {
    const seconds = Math.round((Date.now() - startedAt) / 1000)
    stream.write(`${CLEAR_LINE}${text} (${seconds} s)`)
  }
  write()
  const timer = setInterval(write, REWRITE_MS).unref()
  return {
    show: (playing, done) => {
      text = `${done} of ${total} played; now ${playing.join(', ')}`
      write()
    },
    clear: () => {
      clearInterval(timer)
      stream.write(CLEAR_LINE)
    },
  }
}
