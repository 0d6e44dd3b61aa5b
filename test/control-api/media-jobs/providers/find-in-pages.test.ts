// A submission whose answer never came, looked for in lists: money hangs on `missing`.
import t from 'tap'
import {
  findInPages,
  type ListedJob,
  type ListPage,
} from '../../../../control-api/media-jobs/providers/requests/find-in-pages.ts'

const SOUGHT = { clientRef: 'ours-1', since: 1_000_000 }
const MINUTE = 60_000

const job = (refs: readonly string[], createdAt: number | null, jobId: string | null = 'job') =>
  ({ jobId, refs, createdAt }) satisfies ListedJob

function pagesOf(...pages: readonly (readonly ListedJob[])[]) {
  const asked: (string | undefined)[] = []
  const read = (page: string | undefined): Promise<ListPage> => {
    asked.push(page)
    const at = Number(page ?? 0)
    return Promise.resolve({
      jobs: pages[at] ?? [],
      next: at + 1 < pages.length ? String(at + 1) : null,
    })
  }
  return { asked, read }
}

const now = SOUGHT.since
const CASES = [
  ['an empty list', [[]], 'missing'],
  ['ours', [[job(['ours-1'], now, 'a')]], 'found'],
  ['ours without an id', [[job(['ours-1'], now, null)]], 'untold'],
  ['ours on the second page', [[job(['x'], now + 5)], [job(['ours-1'], now, 'a')]], 'found'],
  ['others that show what they are', [[job(['other-1'], now)]], 'missing'],
  ['one that shows nothing', [[job([], now)]], 'untold'],
  ['one that shows nothing, of an unknown time', [[job([], null)]], 'untold'],
  ['one that shows nothing, and is too old', [[job([], now - 6 * MINUTE)]], 'missing'],
  ['one that shows nothing, a little early by their clock', [[job([], now - MINUTE)]], 'untold'],
  ['one that shows nothing beside one that does', [[job([], now), job(['x'], now)]], 'missing'],
  ['one that shows nothing before one that does', [[job([], now)], [job(['x'], now)]], 'missing'],
] as const

for (const [what, pages, kind] of CASES)
  t.test(`${what}: ${kind}`, async (t) => {
    const found = await findInPages(SOUGHT, pagesOf(...pages).read)
    t.equal(found.kind, kind)
    if (found.kind === 'found') t.equal(found.providerJobId, 'a')
  })

t.test(
  'pages that are all too old are not gone through, where the newest come first',
  async (t) => {
    const old = [job(['x'], now - 10 * MINUTE), job(['x'], now - 11 * MINUTE)]
    const newestFirst = pagesOf(old, old, old)
    t.equal((await findInPages(SOUGHT, newestFirst.read)).kind, 'missing')
    t.equal(newestFirst.asked.length, 1)
    const oldestFirst = pagesOf(old.toReversed(), [job(['ours-1'], now, 'a')])
    t.equal((await findInPages(SOUGHT, oldestFirst.read)).kind, 'found')
  },
)

t.test('a list without an end tells nothing, and one that repeats itself ends', async (t) => {
  const many = pagesOf(...Array.from({ length: 50 }, () => [job(['x'], now)]))
  t.equal((await findInPages(SOUGHT, many.read)).kind, 'untold')
  t.equal(many.asked.length, 10)
  let reads = 0
  await findInPages(SOUGHT, () => {
    reads += 1
    return Promise.resolve({ jobs: [], next: 'the same' })
  })
  t.equal(reads, 2)
})
