// The boards tell the truth: an hour of calls of which everything is known beforehand, through the product's own
// collectors into Prometheus, and then the boards' own expressions, as Grafana would ask them at the end of that hour.
//
// How exact they can be in the field. Counts: increase() draws a line between the first and the last scrape of a range, so
// of few calls a figure may be off by about one of them. Quantiles: a histogram knows in which bucket a call fell, not
// where in it, so a figure may be off by the width of its bucket (of a post-dial delay of 2.2 s: 2 to 2.5 s). Here each
// minute has the same calls, evenly spread over their buckets, so that neither happens and 1 % is all that is allowed.
// Of Prometheus 2 a range has both its ends in it; of Prometheus 3 one: there a window of n scrapes is one shorter.
import t from 'tap'
import { expressionAt, placeName, type Place } from '../support/dashboards/board-panels.ts'
import {
  answerTime,
  LOSS,
  postDialDelay,
  truthOf,
  type Chosen,
} from '../support/dashboards/calls-truth.ts'
import { blocksOf, playedPages } from '../support/dashboards/played-calls.ts'
import { plannedCalls } from '../support/dashboards/scripted-calls.ts'
import { withVariables } from '../support/dashboards/variables.ts'
import { temporaryFolder } from '../support/process.ts'
import { prometheusOptions, startPrometheus, type Prometheus } from '../support/prometheus.ts'

const HOUR = 3600
/** The longest call is over, and each series has begun: what comes then is the same each minute. */
const WARM_UP = 600
/** Any whole minute. */
const FROM = 1_767_600_000
const TO = FROM + HOUR
/** `interval`: any number of whole minutes. */
const WINDOWS = { interval: '5m', range: '1h', value: '.*' }
const ALLOWED = 0.01

const TRUNKS = ['alpha', 'beta'] as const
const DIRECTIONS = ['inbound', 'outbound'] as const
const BOTH = TRUNKS.flatMap((trunk) => DIRECTIONS.map((direction) => ({ trunk, direction })))
const EACH_TRUNK = TRUNKS.map((trunk) => ({ trunk }))
const EACH_DIRECTION = DIRECTIONS.map((direction) => ({ direction }))

interface Claim extends Place {
  /** Of which series; all there are in one where nothing is said. */
  readonly of?: Chosen
  readonly truth: number
}

const calls = plannedCalls(FROM - WARM_UP, TO)
const truth = truthOf(calls, FROM, TO)
/** Of a day that began with the first call. */
const sofar = truthOf(calls, FROM - WARM_UP, TO)

const claims: readonly Claim[] = [
  { board: 'overview', panel: 'ASR', truth: truth.asr({}) },
  { board: 'overview', panel: 'NER', truth: truth.ner({}) },
  { board: 'overview', panel: 'New calls a second', truth: truth.attemptsASecond({}) },
  { board: 'overview', panel: 'Agents before the answer', truth: 0 },
  { board: 'overview', panel: 'Spent in 24 hours', truth: sofar.costUsd },
  ...EACH_DIRECTION.flatMap((of): Claim[] => {
    const both = { board: 'overview', panel: 'ASR and NER by direction', of }
    return [
      { ...both, line: 'ASR {{direction}}', truth: truth.asr(of) },
      { ...both, line: 'NER {{direction}}', truth: truth.ner(of) },
      {
        ...{ board: 'overview', panel: 'New calls a second, by direction', of },
        truth: truth.attemptsASecond(of),
      },
    ]
  }),
  { board: 'trunks', panel: 'Calls ended', truth: truth.ended({}) },
  { board: 'trunks', panel: 'ASR', truth: truth.asr({}, 'seizures') },
  { board: 'trunks', panel: 'NER', truth: truth.ner({}, 'seizures') },
  { board: 'trunks', panel: 'ACD', truth: truth.acdSeconds({}) },
  { board: 'trunks', panel: 'PDD p50', truth: postDialDelay(0.5) },
  { board: 'trunks', panel: 'PDD p95', truth: postDialDelay(0.95) },
  { board: 'trunks', panel: 'Answer time p50', truth: answerTime(0.5) },
  { board: 'trunks', panel: 'Answer time p95', truth: answerTime(0.95) },
  ...EACH_TRUNK.flatMap(claimsOfTrunk),
  ...BOTH.flatMap((of): Claim[] => [
    {
      ...{ board: 'overview', panel: 'Failed calls, by who is to blame and why', of },
      truth: truth.failed(of),
    },
    { board: 'trunks', panel: 'ASR by trunk', of, truth: truth.asr(of, 'seizures') },
    { board: 'trunks', panel: 'NER by trunk', of, truth: truth.ner(of, 'seizures') },
    { board: 'trunks', panel: 'New calls a second by trunk', of, truth: truth.attemptsASecond(of) },
  ]),
  { board: 'media-quality', panel: 'Loss', truth: LOSS },
  { board: 'media-quality', panel: 'Loss by time', truth: LOSS },
  { board: 'media-quality', panel: 'MOS received', truth: truth.mos('received', {}) },
  { board: 'media-quality', panel: 'MOS sent', truth: truth.mos('sent', {}) },
  { board: 'agents-and-money', panel: 'Agents before the answer', truth: 0 },
  { board: 'agents-and-money', panel: 'Spent', truth: truth.costUsd },
  { board: 'agents-and-money', panel: 'Saved by the guard', truth: truth.savedUsd },
  { board: 'agents-and-money', panel: 'Paid, in seconds', truth: truth.agentSeconds },
  { board: 'agents-and-money', panel: 'Avoided, in seconds', truth: truth.savedSeconds },
  { board: 'agents-and-money', panel: 'Spent an hour', line: 'spent', truth: truth.costUsd },
  { board: 'agents-and-money', panel: 'Spent an hour', line: 'saved', truth: truth.savedUsd },
  { board: 'agents-and-money', panel: 'Spent a session', truth: truth.costUsd / truth.talks },
]

function claimsOfTrunk(of: { readonly trunk: string }): readonly Claim[] {
  const table = { board: 'trunks', panel: 'Trunks', of }
  const attempts = truth.attemptsASecond(of) * HOUR
  const line = (panel: string, quantile: string) => ({
    ...{ board: 'trunks', panel, of },
    line: `{{trunk}} ${quantile}`,
  })
  return [
    { ...table, column: 'attempts', truth: attempts },
    { ...table, column: 'ended', truth: truth.ended(of) },
    { ...table, column: 'ASR', truth: truth.asr(of, 'seizures') },
    { ...table, column: 'NER', truth: truth.ner(of, 'seizures') },
    { ...table, column: 'ACD', truth: truth.acdSeconds(of) },
    { ...table, column: 'PDD p50', truth: postDialDelay(0.5, of.trunk) },
    { ...table, column: 'PDD p95', truth: postDialDelay(0.95, of.trunk) },
    { ...table, column: 'answer p95', truth: answerTime(0.95, of.trunk) },
    { ...table, column: 'MOS', truth: truth.mos('received', of) },
    { ...line('Post-dial delay by trunk', 'p50'), truth: postDialDelay(0.5, of.trunk) },
    { ...line('Post-dial delay by trunk', 'p95'), truth: postDialDelay(0.95, of.trunk) },
    { ...line('Answer time by trunk', 'p50'), truth: answerTime(0.5, of.trunk) },
    { ...line('Answer time by trunk', 'p95'), truth: answerTime(0.95, of.trunk) },
    { ...line('ACD and short calls by trunk', 'ACD'), truth: truth.acdSeconds(of) },
    ...DIRECTIONS.filter((direction) => direction === 'outbound').map((direction) => ({
      ...{ board: 'media-quality', panel: 'MOS by trunk', of: { ...of, direction: 'sent' } },
      truth: truth.mos('sent', { ...of, direction }),
    })),
    {
      ...{ board: 'media-quality', panel: 'MOS by trunk', of: { ...of, direction: 'received' } },
      truth: truth.mos('received', of),
    },
  ]
}

/** What the expression says of those series; a text when it does not say one thing. */
async function said(prometheus: Prometheus, expr: string, of: Chosen): Promise<number | string> {
  const samples = await prometheus.query(withVariables(expr, WINDOWS), { time: TO })
  const meant = samples.filter(({ labels }) =>
    Object.entries(of).every(([label, value]) => labels[label] === value),
  )
  const [sample] = meant
  return sample && meant.length === 1 ? sample.value : `${meant.length} series are meant`
}

const isTrue = (value: number | string, wanted: number): boolean =>
  typeof value === 'number' && Math.abs(value - wanted) <= Math.abs(wanted) * ALLOWED

t.test('an hour of known calls', { ...prometheusOptions, timeout: 60_000 }, async (t) => {
  const folder = temporaryFolder(t, 'truth')
  blocksOf(await playedPages({ calls, from: FROM - WARM_UP, to: TO }), folder)
  const prometheus = await startPrometheus(t, { tsdb: folder })
  for (const claim of claims) {
    const expr = expressionAt(claim)
    const value = await said(prometheus, expr, claim.of ?? {})
    const name = `${placeName(claim)} ${Object.values(claim.of ?? {}).join(' ')}`.trim()
    t.ok(isTrue(value, claim.truth), `${name} is ${claim.truth}`, { expr, value })
  }
  await t.test('an expression that is wrong is found', async (t) => {
    const broken: readonly (readonly [Place, string | RegExp, string])[] = [
      // Busy as the network’s failure; what went on by another trunk as none; lost of what came, not of what was due; another percentile; not the whole range.
      [{ board: 'trunks', panel: 'NER' }, '|busy', ''],
      [{ board: 'trunks', panel: 'ASR' }, /label_replace/g, '0 * label_replace'],
      [{ board: 'media-quality', panel: 'Loss' }, /\/ \(sum.*\+ /, '/ ('],
      [{ board: 'trunks', panel: 'PDD p95' }, '0.95', '0.94'],
      [{ board: 'agents-and-money', panel: 'Spent' }, '[$__range]', '[58m]'],
    ]
    for (const [place, from, to] of broken) {
      const claim = claims.find(
        ({ board, of, panel }) => board === place.board && panel === place.panel && !of,
      )
      const expr = expressionAt(place)
      const changed = expr.replace(from, to)
      t.not(changed, expr, `${placeName(place)} is broken`)
      const value = await said(prometheus, changed, {})
      t.notOk(isTrue(value, claim?.truth ?? Number.NaN), `${placeName(place)} says ${value}`)
    }
  })
})
