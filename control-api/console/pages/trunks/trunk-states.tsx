// Whether a trunk is registered, and whether it answers: in words, with a sign and a colour.
import type { ReactNode } from 'react'
import { Box, Group, Text } from '@mantine/core'
import {
  AlertFillIcon,
  CheckCircleFillIcon,
  CircleIcon,
  SyncIcon,
  XCircleFillIcon,
} from '@primer/octicons-react'
import type { Trunk } from '../../components/use-trunks.ts'
import { moment } from '../../words/amounts.ts'
import { reasonOf } from './failure-reason.ts'
import { useReasonWords } from './reason-words.ts'
import { useTrunkWords } from './words.ts'

interface TrunkProps {
  readonly trunk: Trunk
}

type Mood = 'good' | 'bad' | 'passing' | 'neutral' | 'doubtful'

const SIGNS = {
  good: CheckCircleFillIcon,
  bad: XCircleFillIcon,
  passing: SyncIcon,
  neutral: CircleIcon,
  doubtful: AlertFillIcon,
} as const satisfies Record<Mood, unknown>
const COLORS: Readonly<Record<Mood, string>> = {
  good: 'light-dark(var(--mantine-color-teal-9), var(--mantine-color-teal-4))',
  bad: 'var(--mantine-color-error)',
  passing: 'var(--mantine-color-anchor)',
  neutral: 'var(--mantine-color-dimmed)',
  doubtful: 'light-dark(#8a5a00, #e3b341)',
}

interface StateProps {
  readonly title: string
  readonly mood: Mood
  readonly words: string
  readonly since: string | null
  readonly children?: ReactNode
}

function State({ title, mood, words, since, children }: StateProps) {
  const Sign = SIGNS[mood]
  return (
    <Box>
      <Text size="xs" c="dimmed">
        {title}
      </Text>
      <Group gap={6} wrap="nowrap" style={{ color: COLORS[mood] }}>
        <Sign size={16} />
        <Text fw={600} inherit>
          {words}
        </Text>
      </Group>
      {since !== null && (
        <Text size="xs" c="dimmed">
          <Since at={since} />
        </Text>
      )}
      {children !== undefined && (
        <Text size="xs" c="dimmed" component="div">
          {children}
        </Text>
      )}
    </Box>
  )
}

function Since({ at }: { readonly at: string }) {
  const say = useTrunkWords()
  return (
    <time dateTime={at} title={at}>
      {say('since', { at: moment(at) })}
    </time>
  )
}

const REGISTRATION_MOODS: Readonly<Record<Trunk['registration'], Mood>> = {
  none: 'neutral',
  registering: 'passing',
  registered: 'good',
  failing: 'bad',
  closed: 'neutral',
  unregistered: 'doubtful',
}

export function RegistrationState({ trunk }: TrunkProps) {
  const say = useTrunkWords()
  const { registration, since, expires_at: until } = trunk
  return (
    <State
      title={say('registration')}
      mood={REGISTRATION_MOODS[registration]}
      words={say(registration === 'none' ? 'none_reg' : registration)}
      since={since}
    >
      {registration === 'none' && say('none_reg_what')}
      {registration === 'registered' && until !== null && say('until', { at: moment(until) })}
    </State>
  )
}

export function HealthState({ trunk: { health } }: TrunkProps) {
  const say = useTrunkWords()
  const reasons = useReasonWords()
  const { reach, since, sip_status: status, detail } = health
  const isDown = reach === 'down'
  return (
    <State
      title={say('health')}
      mood={reach === 'up' ? 'good' : isDown ? 'bad' : 'neutral'}
      // It may answer, and say that it takes none.
      words={say(isDown && status !== null ? 'refuses' : reach)}
      since={reach === 'unasked' ? null : since}
    >
      {reach === 'unasked' && say('unasked_what')}
      {status !== null && say('answered_with', { status })}
      {isDown && (
        <>
          {detail !== null && <span lang="en">{`${detail}. `}</span>}{' '}
          {reasons(reasonOf({ sip_status: status, detail }))} {say('tried_last')}
        </>
      )}
    </State>
  )
}
