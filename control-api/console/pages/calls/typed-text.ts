// Text that is asked for when the typing pauses, and follows what is asked for from elsewhere.
import { useEffect, useState } from 'react'

/** Of somebody who types a number. */
const PAUSE_MS = 300

interface TypedTextOptions {
  /** What is asked for. */
  readonly value: string
  readonly onAsk: (text: string) => void
  /** What is unfinished is not asked for. */
  readonly isReady: (text: string) => boolean
}

export interface TypedText {
  readonly text: string
  readonly type: (text: string) => void
  /** Now, such as by Enter. */
  readonly ask: (text: string) => void
}

export function useTypedText({ value, onAsk, isReady }: TypedTextOptions): TypedText {
  const [text, setText] = useState(value)
  const [asked, setAsked] = useState(value)
  // Changed from outside: cleared, or gone back to.
  if (value !== asked) {
    setAsked(value)
    setText(value)
  }
  const ask = (what: string): void => {
    if (what === asked || !isReady(what)) return
    setText(what)
    onAsk(what)
  }
  const isWaiting = text !== asked && isReady(text)
  useEffect(() => {
    if (!isWaiting) return undefined
    const timer = setTimeout(() => onAsk(text), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [isWaiting, text, onAsk])
  return { text, type: setText, ask }
}
