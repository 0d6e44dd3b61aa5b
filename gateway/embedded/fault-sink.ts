// Where a defect is reported to, whichever timer or message ran into it. One server a thread, so one sink.

type FaultSink = (error: unknown) => void

/** Before anybody listens a defect ends the thread, as it would without this file. */
let sink: FaultSink = (error) => {
  throw error
}

export function reportFaultsTo(listener: FaultSink): void {
  sink = listener
}

/** One message or timer that trips over a defect must not take every call down with it. */
export function guarded(run: () => void): void {
  try {
    run()
  } catch (error) {
    sink(error)
  }
}
