// One trunk.
import {
  Box,
  Button,
  Card,
  Collapse,
  Group,
  Progress,
  SimpleGrid,
  Stack,
  Text,
  Title,
} from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { Trunk } from '../../components/use-trunks.ts'
import { number, percent } from '../../words/amounts.ts'
import { LastFailure } from './last-failure.tsx'
import { routeShares, type RouteShare } from './route-shares.ts'
import { SetUp } from './set-up.tsx'
import { HealthState, RegistrationState } from './trunk-states.tsx'
import type { TrunkDay } from './trunks-page.tsx'
import { useTrunkWords } from './words.ts'

interface TrunkCardProps {
  readonly trunk: Trunk
  readonly all: readonly Trunk[]
  /** Null: no call yet; undefined: not known. */
  readonly today: TrunkDay | null | undefined
}

export function TrunkCard({ trunk, all, today }: TrunkCardProps) {
  const say = useTrunkWords()
  const [isOpen, { toggle }] = useDisclosure()
  const panel = `set-up-${trunk.name}`
  return (
    <Card withBorder padding="md" role="listitem">
      <Stack gap="md">
        <Group justify="space-between" gap="xs">
          <Group gap="sm" align="baseline" miw={0}>
            <Title order={2} size="h4">
              {trunk.name}
            </Title>
            <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              {trunk.domain}
            </Text>
          </Group>
          <Button
            size="xs"
            variant="default"
            onClick={toggle}
            aria-expanded={isOpen}
            aria-controls={panel}
            aria-label={say('details', { name: trunk.name })}
          >
            {say('show_details')}
          </Button>
        </Group>
        <SimpleGrid cols={{ base: 1, sm: 2, lg: 4 }} spacing="lg" verticalSpacing="md">
          <RegistrationState trunk={trunk} />
          <HealthState trunk={trunk} />
          <Load trunk={trunk} today={today} />
          <Routes shares={routeShares(trunk, all)} />
        </SimpleGrid>
        {trunk.last_failure !== null && (
          <LastFailure failure={trunk.last_failure} isNow={trunk.registration === 'failing'} />
        )}
        <Collapse expanded={isOpen} id={panel}>
          <SetUp trunk={trunk} />
        </Collapse>
      </Stack>
    </Card>
  )
}

const FULL = 0.8

function Load({ trunk, today }: Omit<TrunkCardProps, 'all'>) {
  const say = useTrunkWords()
  const { name, calls, max_concurrent_calls: most } = trunk
  const figures = { calls: number(calls), most: number(most ?? 0) }
  return (
    <Box>
      <Text size="xs" c="dimmed">
        {say('calls_now')}
      </Text>
      <Text size="sm" fw={600}>
        {say(most === null ? 'calls_free' : 'calls_of', figures)}
      </Text>
      {most !== null && (
        <Progress
          mt={4}
          value={most === 0 ? 100 : Math.min(100, (100 * calls) / most)}
          color={calls >= most ? 'red' : calls >= most * FULL ? 'orange' : 'signal'}
          aria-label={say('load', { name, ...figures })}
        />
      )}
      <Text size="xs" c="dimmed" mt="xs">
        {say('today')}
      </Text>
      <Text size="sm">{today === undefined ? '…' : <Today day={today} />}</Text>
    </Box>
  )
}

function Today({ day }: { readonly day: TrunkDay | null }) {
  const say = useTrunkWords()
  if (day === null || day.calls === 0) return say('today_none')
  const calls = say('today_calls', { count: day.calls })
  if (day.answer_rate === null) return calls
  return `${calls}, ${say('today_rate', { rate: percent(day.answer_rate) })}`
}

function Routes({ shares }: { readonly shares: readonly RouteShare[] }) {
  const say = useTrunkWords()
  return (
    <Box>
      <Text size="xs" c="dimmed">
        {say('dialled_for')}
      </Text>
      {shares.length === 0 ? (
        <Text size="sm">{say('not_dialled')}</Text>
      ) : (
        <Stack component="ul" gap={2} m={0} p={0} style={{ listStyle: 'none' }}>
          {shares.map((share) => (
            <Text key={share.prefix} component="li" size="sm">
              <RouteWords share={share} isAlone={shares.length === 1} />
            </Text>
          ))}
        </Stack>
      )}
    </Box>
  )
}

interface RouteWordsProps {
  readonly share: RouteShare
  readonly isAlone: boolean
}

function RouteWords({ share: { prefix, choice, choices, share }, isAlone }: RouteWordsProps) {
  const say = useTrunkWords()
  const numbers =
    prefix === '+' ? say(isAlone ? 'every' : 'all_others') : say('beginning', { prefix })
  const rank =
    choice > 1
      ? say('later', { choice, choices })
      : choices === 1 && share === 1
        ? say('only')
        : say('first')
  const part =
    share === 1
      ? ''
      : `, ${share === 0 ? say('share_none') : say('share', { share: percent(share) })}`
  return `${numbers}: ${rank}${part}`
}
