// What was measured of a scenario: above all that the agent was never paid for while nobody was there.
import { Group, Paper, Stack, Text, Title } from '@mantine/core'
import { number } from '../../words/amounts.ts'
import { locale } from '../../words/language.ts'
import type { Result } from './watched-run.ts'
import { useRehearsalWords } from './words.ts'
import styles from './rehearsal.module.css'

/** As the rehearsal judges: beyond a second it fails. */
const LATE_SECONDS = 1

export function Figures({ result: { figures } }: { readonly result: Result }) {
  const say = useRehearsalWords()
  const seconds = (value: number): string => `${decimals(value, 2)} s`
  const ms = (value: number | null): string => (value === null ? '–' : `${number(value)} ms`)
  const gaps = ({ count, longest_ms: longest }: Result['figures']['caller_gaps']): string =>
    count === 0 ? '0' : say('gap', { count, longest: number(longest) })
  const before = figures.agent_seconds_before_answer
  const after = figures.agent_seconds_after_hang_up
  return (
    <Stack gap="xs" component="section" aria-label={say('figures')}>
      <div className={styles['big']}>
        <Big name={say('before_answer')} value={seconds(before)} isGood={before === 0} />
        <Big name={say('after_hang_up')} value={seconds(after)} isGood={after <= LATE_SECONDS} />
      </div>
      <dl className={styles['figures']}>
        <Small name={say('answer_to_agent')} value={ms(figures.answer_to_agent_ms)} />
        <Small name={say('audio_to_rtp')} value={ms(figures.agent_audio_to_rtp_ms)} />
        <Small name={say('caller_gaps')} value={gaps(figures.caller_gaps)} />
        <Small name={say('agent_gaps')} value={gaps(figures.agent_gaps)} />
        <Small name={say('agent_seconds')} value={seconds(figures.agent_seconds)} />
        <Small name={say('agent_sessions')} value={number(figures.agent_sessions)} />
      </dl>
    </Stack>
  )
}

const decimals = (value: number, digits: number): string =>
  value.toLocaleString(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits })

interface FigureProps {
  readonly name: string
  readonly value: string
}

function Big({ name, value, isGood }: FigureProps & { readonly isGood: boolean }) {
  const say = useRehearsalWords()
  return (
    <Paper withBorder p="sm" data-good={isGood} className={styles['figure']}>
      <Text fz={30} fw={700} lh={1.1}>
        {value}
      </Text>
      <Text size="sm">{name}</Text>
      <Text size="xs" c="dimmed">
        {say(isGood ? 'as_it_should' : 'too_much')}
      </Text>
    </Paper>
  )
}

function Small({ name, value }: FigureProps) {
  return (
    <div>
      <Text component="dt" size="xs" c="dimmed">
        {name}
      </Text>
      <Text component="dd" size="sm" fw={600} m={0}>
        {value}
      </Text>
    </div>
  )
}

export function Costs({ cost }: { readonly cost: Result['cost'] }) {
  const say = useRehearsalWords()
  const most = Math.max(cost.here, cost.opened_at_invite)
  // The guard has something to spare wherever somebody lets it ring.
  const bars = [
    { name: say('cost_here'), value: cost.here, kind: 'here' },
    { name: say('cost_at_ring'), value: cost.opened_at_invite, kind: 'there' },
  ]
  return (
    <Stack gap={6} component="section" aria-labelledby="costs">
      <Title order={4} size="h6" id="costs">
        {say('costs')}
      </Title>
      {bars.map(({ name, value, kind }) => (
        <div key={kind} className={styles['bar']}>
          <Text size="sm">{name}</Text>
          <div className={styles['track']} aria-hidden="true">
            <div data-kind={kind} style={{ width: `${most === 0 ? 0 : (value / most) * 100}%` }} />
          </div>
          <Text size="sm" fw={600} ta="end">
            {dollars(value)}
          </Text>
        </div>
      ))}
      <Group gap={6}>
        <Text size="sm">{say('saved', { amount: dollars(cost.saved) })}</Text>
      </Group>
    </Stack>
  )
}

/** Of one short call: fractions of a cent. */
const dollars = (value: number): string =>
  value.toLocaleString(locale(), {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: 4,
    maximumFractionDigits: 4,
  })
