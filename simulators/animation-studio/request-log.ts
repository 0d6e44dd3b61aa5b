// What was asked of a vendor, for tests to count and to look at. The last 20,000 requests; the counts are of all.

export interface RequestRecord {
  /** Epoch milliseconds. */
  readonly at: number
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** Without keys. */
  readonly headers: Readonly<Record<string, string>>
  /** Of the body. */
  readonly bytes: number
  /** `GET /talks/{id}`: the route that it met; empty for none. */
  route: string
  /** 0: no answer, or none yet. */
  status: number
}

const MOST = 20_000
const SECRET = new Set(['authorization', 'x-api-key', 'x-api-key-external', 'cookie'])

export class RequestLog {
  readonly records: RequestRecord[] = []
  readonly #counts = new Map<string, number>()

  begin(
    asked: Omit<RequestRecord, 'route' | 'status' | 'headers'>,
    headers: object,
  ): RequestRecord {
    const shown = Object.entries(headers).map(([name, value]): [string, string] => [
      name,
      SECRET.has(name) ? '…' : String(value),
    ])
    const record = { ...asked, headers: Object.fromEntries(shown), route: '', status: 0 }
    this.records.push(record)
    if (this.records.length > MOST) this.records.shift()
    return record
  }

  meets(record: RequestRecord, route: string): void {
    record.route = route
    this.#counts.set(route, this.count(route) + 1)
  }

  count(route: string): number {
    return this.#counts.get(route) ?? 0
  }

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts)
  }
}
