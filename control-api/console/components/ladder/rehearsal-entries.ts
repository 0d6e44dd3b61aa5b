// The ladder of a rehearsal (rehearsal/README.md): its labels are English, and those that are ours are known here.
import { ENDED_BY, REASONS } from './endings.ts'
import type { LadderEntry, LadderLabel } from './ladder-entry.ts'
import type { LadderWord } from './words.ts'

/** As GET /api/rehearsals/{run_id} has it. */
export type RehearsalRung = Omit<LadderEntry, 'label' | 'tone' | 'agent'> & {
  readonly label: string
}

export const rehearsalEntry = (rung: RehearsalRung): LadderEntry => {
  const { label } = rung
  const known = SAID[label]
  return {
    ...rung,
    label: known === undefined ? (patternLabel(label) ?? label) : { word: known },
    tone: toneOf(rung),
    ...agentOf(rung),
  }
}

const SAID: Readonly<Record<string, LadderWord>> = {
  'RTP begins': 'rtp',
  'last RTP': 'last_rtp',
  'TCP (nothing billable)': 'tcp',
  'upgrade request': 'upgrade',
  'initiation data': 'initiation',
  'caller audio begins': 'caller_audio',
  'agent audio begins': 'agent_audio',
  interruption: 'interruption',
  'connection lost': 'connection_lost',
  'second attempt': 'second_attempt',
  'another attempt': 'another_attempt',
  'the agent was told of keys': 'keys_told',
  'the agent understood the caller': 'understood',
  'a message to the caller plays': 'message',
  'no RTP from the caller': 'no_rtp',
}

const PATTERNS: readonly (readonly [RegExp, (found: readonly string[]) => LadderLabel])[] = [
  [
    /^agent prewarmed in ([\d.]+) ms, not opened$/,
    ([, ms = '']) => ({ word: 'prewarmed', values: { ms: Math.round(Number(ms)) } }),
  ],
  [/^(\d{3}), metadata$/, ([, status = '']) => ({ word: 'opened_as', values: { status } })],
  [/^key pressed \((\w+)\)$/, ([, how = '']) => ({ word: 'key', values: { how } })],
  [
    /^the menu asks: (\w+) \((\d+)\)$/,
    ([, step = '', attempt = '']) => ({ word: 'menu_asks', values: { step, attempt } }),
  ],
  [
    /^the menu was answered: ([\w-]+)$/,
    ([, answer = '']) => ({ word: 'menu_answered', values: { answer } }),
  ],
  [/^agent error: (.*)$/, ([, kind = '']) => ({ word: 'agent_error', values: { kind } })],
  [/^call ended: [\w]+\/([\w-]+) by (\w+)$/, ([, reason = '', by = '']) => endLabel(reason, by)],
  [/^(.*) \(again\)$/, ([, what = '']) => ({ word: 'again', values: { what } })],
  [/^(.*) \(lost\)$/, ([, what = '']) => ({ word: 'lost', values: { what } })],
]

function patternLabel(label: string): LadderLabel | undefined {
  for (const [pattern, make] of PATTERNS) {
    const found = pattern.exec(label)
    if (found) return make(found)
  }
  return undefined
}

/** How the call ended; its reason and whose doing it was are words that are translated themselves. */
export function endLabel(reason: string, by: string): LadderLabel {
  if (!(reason in REASONS) || !(by in ENDED_BY))
    return { word: 'ended_otherwise', values: { reason, by } }
  return { word: 'ended', values: { reason, by } }
}

function toneOf({ label, lane, direction }: RehearsalRung): LadderEntry['tone'] {
  if (direction === 'note')
    return label.startsWith('agent error') || /^call ended: (server|upstream)_/.test(label)
      ? 'bad'
      : 'plain'
  if (lane === 'gateway-agent') {
    if (label === 'connection lost' || label.startsWith('HTTP ')) return 'bad'
    return label.endsWith(', metadata') ? 'good' : 'plain'
  }
  if (label.startsWith('CANCEL') || label.endsWith('(lost)')) return 'warn'
  // The INVITE's own responses: those of other requests name theirs in brackets.
  if (/^2\d\d [^(]*$/.test(label)) return 'good'
  return /^[3-6]\d\d [^(]*$/.test(label) ? 'bad' : 'plain'
}

function agentOf({ label, lane, direction }: RehearsalRung): Pick<LadderEntry, 'agent'> {
  if (lane !== 'gateway-agent' || direction === 'note') return {}
  if (label === 'upgrade request') return { agent: 'opens' }
  return /^(close |HTTP |connection lost)/.test(label) ? { agent: 'closes' } : {}
}
