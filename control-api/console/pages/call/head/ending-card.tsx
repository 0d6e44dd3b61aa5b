// How the call ended, in a sentence; whose doing that was; and what would be useful next.
import { Anchor, Card, Group, Stack, Text, Title } from '@mantine/core'
import { Link } from 'wouter'
import { sipStatus } from '../../../components/sip-status.ts'
import { duration } from '../../../words/amounts.ts'
import type { TimelineItem } from '../axis/axis-data.ts'
import { blameFor, failedTrunks, type Blame } from './blame.ts'
import { CallAgain } from './call-again.tsx'
import { adviceFor, lastPhase, PLACE_OF, redialFor, type Call, type Termination } from './ending.ts'
import { useEndingWords, type SayEnding } from './ending-words.ts'
import { Fact, Facts } from './fact.tsx'

const COLORS: Readonly<Record<Blame, string>> = {
  success: 'var(--mantine-color-teal-6)',
  client_error: 'var(--mantine-color-gray-5)',
  server_error: 'var(--mantine-color-red-6)',
  carrier: 'var(--mantine-color-orange-6)',
  vendor: 'var(--mantine-color-orange-6)',
  unheard: 'var(--mantine-color-orange-6)',
  indeterminate: 'var(--mantine-color-gray-5)',
}

interface EndingCardProps {
  readonly call: Call
  readonly items: readonly TimelineItem[]
}

export function EndingCard({ call, items }: EndingCardProps) {
  const say = useEndingWords()
  const { termination } = call
  if (termination === null) return null
  const advice = adviceFor(call)
  const place = advice === null ? undefined : PLACE_OF[advice]
  const redial = redialFor(call)
  const blame = blameFor(termination, items)
  return (
    <Card
      withBorder
      component="section"
      aria-label={say('ending')}
      style={{ borderInlineStart: `4px solid ${COLORS[blame]}` }}
    >
      <Stack gap="sm">
        <div>
          <Title order={2} size="h5">
            {endingWords(call, termination, say)}
          </Title>
          <Text size="sm" c="dimmed">
            {say(`fault-${blame}`)} {advice !== null && say(`next-${advice}`)}
          </Text>
          {failedTrunks(items).map(({ trunk, status, next }) => (
            <Text size="sm" c="dimmed" key={next}>
              {say('failed_over', { trunk, next, status: sipStatus(status) })}
            </Text>
          ))}
        </div>
        {(place !== undefined || redial !== null) && (
          <Group gap="md">
            {redial !== null && <CallAgain call={call} redial={redial} />}
            {place !== undefined && (
              <Anchor component={Link} href={place} size="sm">
                {say(`go-${place}`)}
              </Anchor>
            )}
          </Group>
        )}
        <Facts>
          <Fact name={say('responsible')}>{say(`result-${blame}`)}</Fact>
          <Fact name={say('ended_by')}>{say(`by-${termination.by}`)}</Fact>
          <Fact name={say('reason')}>{termination.reason}</Fact>
          {termination.sip_status !== null && (
            <Fact name={say('sip_status')}>{sipStatus(termination.sip_status)}</Fact>
          )}
        </Facts>
      </Stack>
    </Card>
  )
}

function endingWords(call: Call, { reason, by, sip_status: status }: Termination, say: SayEnding) {
  const phase = lastPhase(call)
  const when = phase === null ? '' : say(`after-${phase.name}`, { length: duration(phase.seconds) })
  const sip = status === null ? '' : ` (${sipStatus(status)})`
  return say(`why-${reason}`, { who: say(`who-${by}`), when, sip })
}
