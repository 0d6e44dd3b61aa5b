// What was asked of the platform: for tests to count and to look at. Secrets are not kept.

export interface RequestRecord {
  /** Epoch milliseconds. */
  readonly at: number
  /** `record-file` and `access-url` for what is no command; empty when none was named. */
  readonly command: string
  readonly params: Readonly<Record<string, string>>
  /** Of what is no command. */
  path?: string
  caller: 'service-account' | 'api-key' | 'nobody'
  /** 0: no answer, or none yet. */
  status: number
  /** Of the body. */
  errorCode: number | null
}

const SECRET = new Set(['api_key', 'account_password', 'session_id', 'secret_value'])
const MOST = 20_000

export class RequestLog {
  readonly records: RequestRecord[] = []

  begin(at: number, command: string, params: ReadonlyMap<string, string>): RequestRecord {
    const shown = [...params].map(([name, value]) => [name, SECRET.has(name) ? '…' : value])
    const record: RequestRecord = {
      at,
      command,
      params: Object.fromEntries(shown) as Record<string, string>,
      caller: 'nobody',
      status: 0,
      errorCode: null,
    }
    this.records.push(record)
    if (this.records.length > MOST) this.records.shift()
    return record
  }
}
