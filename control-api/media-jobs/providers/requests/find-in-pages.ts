// A submission of ours among the jobs that a provider lists. Whether it was paid for hangs on the answer: `missing` is said
// only where the list surely goes back far enough and shows what it would be known by.
import type { FoundSubmission } from '../animation-provider.ts'

export interface ListedJob {
  readonly jobId: string | null
  /** Whatever may hold our reference: user data, names, titles. */
  readonly refs: readonly string[]
  readonly createdAt: number | null
}

export interface ListPage {
  readonly jobs: readonly ListedJob[]
  /** For the next page; null: there is none. */
  readonly next: string | null
}

export interface Sought {
  readonly clientRef: string
  /** Epoch ms: it was not sent earlier. */
  readonly since: number
}

/** Of a hundred jobs each. */
const MOST_PAGES = 10
/** Their clock and ours. */
const CLOCKS_DIFFER_MS = 5 * 60_000

export async function findInPages(
  { clientRef, since }: Sought,
  read: (page: string | undefined) => Promise<ListPage>,
): Promise<FoundSubmission> {
  const mayBeOurs = ({ createdAt }: ListedJob): boolean =>
    createdAt === null || createdAt >= since - CLOCKS_DIFFER_MS
  const seen = { isShown: false, isHidden: false }
  let page: string | undefined
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const { jobs, next } = await read(page)
    const ours = jobs.find(({ refs }) => refs.includes(clientRef))
    if (ours) return ours.jobId === null ? UNTOLD : { kind: 'found', providerJobId: ours.jobId }
    seen.isShown ||= jobs.some(({ refs }) => refs.length > 0)
    seen.isHidden ||= jobs.some((job) => job.refs.length === 0 && mayBeOurs(job))
    const isAllSeen = next === null || next === page || isPast(jobs, mayBeOurs)
    // One that shows no reference may be ours, unless the list shows those of others.
    if (isAllSeen) return seen.isHidden && !seen.isShown ? UNTOLD : { kind: 'missing' }
    page = next
  }
  return UNTOLD
}

const UNTOLD: FoundSubmission = { kind: 'untold' }

/** The newest come first, and these are all too old: so is what follows. */
function isPast(jobs: readonly ListedJob[], mayBeOurs: (job: ListedJob) => boolean): boolean {
  const times = jobs.map(({ createdAt }) => createdAt ?? Infinity)
  const isNewestFirst = times.every((time, at) => at === 0 || time <= (times[at - 1] ?? time))
  return jobs.length > 1 && isNewestFirst && !jobs.some(mayBeOurs)
}
