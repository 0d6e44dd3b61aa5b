// What the work that runs now is about. A request to a vendor is made many steps below whoever knows the call, by clients
// that are shared: it finds its place here, instead of having the call handed through all of them.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { SpanParent } from './tracing.ts'

const work = new AsyncLocalStorage<SpanParent>()

/** Runs it, and all that it waits for, under the span. */
export const runUnder = <T>(span: SpanParent, run: () => T): T => work.run(span, run)

/** Undefined: the work that runs is about no call, or nobody said so. */
export const spanOfWork = (): SpanParent | undefined => work.getStore()
