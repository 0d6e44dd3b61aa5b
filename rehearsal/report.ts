// The report for people: one block a scenario, a table at the end. Pure: a result in, lines out.
import { AFTER_HANG_UP_ALLOWANCE_MS, AFTER_HANG_UP_GOAL_MS } from './checks.ts'
import { dollars } from './cost.ts'
import { drawLadder } from './ladder.ts'
import type { Gaps } from './gaps.ts'
import type { RehearsalResult, ScenarioResult } from './result.ts'

/** Wraps text in a colour, or leaves it as it is. */
export interface Paint {
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly bold: (text: string) => string
  readonly faint: (text: string) => string
}

const wrap =
  (code: number) =>
  (text: string): string =>
    `\u001b[${code}m${text}\u001b[0m`
const plain = (text: string): string => text

export const COLOURED: Paint = { good: wrap(32), bad: wrap(31), bold: wrap(1), faint: wrap(2) }
export const PLAIN: Paint = { good: plain, bad: plain, bold: plain, faint: plain }

const WIDTH = 100
const ALLOWANCE_SECONDS = AFTER_HANG_UP_ALLOWANCE_MS / 1000
const GOAL_SECONDS = AFTER_HANG_UP_GOAL_MS / 1000

export function renderScenario(result: ScenarioResult, paint: Paint): string {
  const verdict = result.passed ? paint.good('PASS') : paint.bad('FAIL')
  const rule = '─'.repeat(Math.max(2, WIDTH - result.name.length - 9))
  return [
    `${paint.bold(result.name)} ${paint.faint(rule)} ${verdict}`,
    `  ${result.story}`,
    ...result.failures.map((failure) => paint.bad(`  ✗ ${failure}`)),
    '',
    ...drawLadder(result.ladder),
    '',
    ...figureLines(result),
    // Wider than the column of names leaves room for.
    ...(result.sound === null ? [] : [`  sound  ${result.sound}`]),
    ...result.notes.map((note) => paint.faint(`  note: ${note}`)),
    '',
  ].join('\n')
}

function figureLines({ figures, cost }: ScenarioResult): string[] {
  const line = (name: string, value: string): string => `  ${name.padEnd(30)}${value}`
  const { agentSecondsAfterHangUp: after, secondsFromInvite, agentSeconds } = figures
  const spent = `${dollars(cost.openedAtInvite)} (${secondsFromInvite.toFixed(1)} s)`
  const limits = `(goal < ${GOAL_SECONDS}, fails beyond ${ALLOWANCE_SECONDS})`
  return [
    line('agent seconds before answer', figures.agentSecondsBeforeAnswer.toFixed(3)),
    line('agent seconds after hang-up', `${after.toFixed(3)} ${limits}`),
    line('200 OK → agent open', milliseconds(figures.answerToAgentMs)),
    line('agent audio → RTP', milliseconds(figures.agentAudioToRtpMs)),
    line('gaps over 20 ms', `phone ${gaps(figures.callerGaps)}, agent ${gaps(figures.agentGaps)}`),
    line('cost, agent opened at INVITE', spent),
    line('cost here', `${dollars(cost.here)} (${agentSeconds.toFixed(1)} s)`),
  ]
}

const milliseconds = (value: number | null): string =>
  value === null ? '–' : `${value.toFixed(1)} ms`

const gaps = ({ count, longestMs }: Gaps): string =>
  count === 0 ? '0' : `${count} (longest ${longestMs.toFixed(0)} ms)`

const COLUMNS = [30, 5, 7, 7, 9, 9, 9, 7, 7]

/** One line a scenario, and the sums. */
export function renderSummary(result: RehearsalResult, paint: Paint): string {
  const { scenarios, total, failures } = result
  const passed = scenarios.filter((scenario) => scenario.passed).length
  const verdict = `${passed} of ${scenarios.length} scenarios passed`
  return [
    row([
      'scenario',
      '',
      'before',
      'after',
      '200→agent',
      'audio→RTP',
      'at INVITE',
      'here',
      'saved',
    ]),
    row(['', '', 's', 's', 'ms', 'ms', '$', '$', '$']),
    ...scenarios.map((scenario) => summaryRow(scenario, paint)),
    row([
      'total',
      '',
      '',
      '',
      '',
      '',
      total.openedAtInvite.toFixed(4),
      total.here.toFixed(4),
      total.saved.toFixed(4),
    ]),
    '',
    ...failures.map((failure) => paint.bad(`✗ ${failure}`)),
    `${result.passed ? paint.good(verdict) : paint.bad(verdict)} in ${result.durationSeconds.toFixed(0)} s.`,
    `Opening the agent at the answer saved ${dollars(total.saved)} of ${dollars(total.openedAtInvite)} ` +
      `at $${result.pricePerMinute} a minute.`,
  ].join('\n')
}

function summaryRow({ name, passed, figures, cost }: ScenarioResult, paint: Paint): string {
  const tenth = (value: number | null): string => (value === null ? '–' : value.toFixed(1))
  const text = row([
    name,
    passed ? 'PASS' : 'FAIL',
    figures.agentSecondsBeforeAnswer.toFixed(3),
    figures.agentSecondsAfterHangUp.toFixed(3),
    tenth(figures.answerToAgentMs),
    tenth(figures.agentAudioToRtpMs),
    cost.openedAtInvite.toFixed(4),
    cost.here.toFixed(4),
    cost.saved.toFixed(4),
  ])
  return passed ? text.replace('PASS', paint.good('PASS')) : text.replace('FAIL', paint.bad('FAIL'))
}

const row = (cells: readonly string[]): string =>
  cells
    .map((cell, index) => {
      const width = COLUMNS[index] ?? 9
      return index === 0 ? cell.padEnd(width) : ` ${cell.padStart(width)}`
    })
    .join('')
    .trimEnd()
