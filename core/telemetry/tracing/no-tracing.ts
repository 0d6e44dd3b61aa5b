// Tracing that is off.
import type { TraceSpan, Tracing } from './tracing.ts'

/** Of a call that is not traced. */
export const NO_SPAN: TraceSpan = {
  begin: () => NO_SPAN,
  set: () => undefined,
  note: () => undefined,
  link: () => undefined,
  end: () => undefined,
}

export const NO_TRACING: Tracing = {
  ratio: 0,
  beginCall: () => NO_SPAN,
  inCall: () => NO_SPAN,
  askedBy: () => undefined,
  close: () => Promise.resolve(),
}
