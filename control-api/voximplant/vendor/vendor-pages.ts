// Lists of Voximplant, page by page to their end. A list that changes meanwhile may tell of a thing twice: it is kept once.
import type { VendorAnswer } from './vendor-answer.ts'
import { numberIn, rowsIn, type Fields } from '../../vendor-answers/answer-fields.ts'
import type { Params, VendorRequests } from './vendor-requests.ts'

const PAGE = 100
/** No account has more of anything that is listed so. */
const MAX_PAGES = 100

export interface Listing<T> {
  readonly command: string
  readonly params?: Params
  /** Undefined: a row that cannot be read is left out. */
  readonly decode: (row: Fields) => T | undefined
  readonly signal?: AbortSignal | undefined
}

export async function listAll<T>(
  requests: VendorRequests,
  { command, params = {}, decode, signal }: Listing<T>,
): Promise<VendorAnswer<readonly T[]>> {
  const all: T[] = []
  let offset = 0
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const asked = { ...params, count: PAGE, offset }
    const answer = await requests.read(command, asked, signal)
    if (answer.kind !== 'ok') return answer
    const rows = rowsIn(answer.value['result'])
    all.push(...rows.flatMap((row) => decode(row) ?? []))
    offset += rows.length
    const total = numberIn(answer.value, 'total_count')
    if (rows.length === 0 || (total === null ? rows.length < PAGE : offset >= total)) break
  }
  return { kind: 'ok', value: once(all) }
}

function once<T>(all: readonly T[]): readonly T[] {
  const known = new Map<string, T>()
  for (const each of all) known.set(JSON.stringify(each), each)
  return [...known.values()]
}
