// Requests of REST that go wrong on purpose, each the scripted number of times.
import type { RestFault, RestOperation } from './options.ts'

interface Due {
  readonly fault: RestFault
  readonly of: RestOperation | undefined
  left: number
}

export class RestFaults {
  readonly #due: Due[] = []

  add(fault: RestFault, times: number, of: RestOperation | undefined): void {
    this.#due.push({ fault, of, left: times })
  }

  /** The one that this request meets, if any: it is used up by one. */
  take(operation: RestOperation): RestFault | undefined {
    const due = this.#due.find(({ of, left }) => left > 0 && (of === undefined || of === operation))
    if (due !== undefined) due.left -= 1
    return due?.fault
  }
}
