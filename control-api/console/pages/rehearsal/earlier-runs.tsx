// The runs that this node remembers.
import { Badge, Button, Card, Group, Text, Title } from '@mantine/core'
import type { ListRehearsalsResponse } from '../../api/generated/types.gen.ts'
import { DataTable } from '../../components/data-table.tsx'
import { Moment } from '../../components/moment.tsx'
import { RUN_COLORS } from './run-card.tsx'
import { useScenario } from './scenario-words.ts'
import { useRehearsalWords } from './words.ts'

type Run = ListRehearsalsResponse['items'][number]

interface EarlierRunsProps {
  readonly runs: readonly Run[]
  readonly shown: string | null
  readonly onShow: (runId: string) => void
}

export function EarlierRuns({ runs, shown, onShow }: EarlierRunsProps) {
  const say = useRehearsalWords()
  const scenarioOf = useScenario()
  if (runs.length < 2) return null
  const nameOf = ({ scenario }: Run): string =>
    scenario === 'all' ? say('all') : scenarioOf({ name: scenario }).name
  return (
    <Card withBorder padding="sm" component="section" aria-labelledby="runs">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5" id="runs">
          {say('runs')}
        </Title>
        <Text size="xs" c="dimmed">
          {say('runs_kept')}
        </Text>
      </Group>
      <DataTable
        label={say('runs')}
        items={runs}
        keyOf={({ run_id: id }) => id}
        columns={[
          { key: 'scenario', title: say('scenario'), cell: nameOf },
          {
            key: 'state',
            title: say('state'),
            cell: ({ state }) => (
              <Badge size="sm" variant="light" color={RUN_COLORS[state]}>
                {say(`run_${state}`)}
              </Badge>
            ),
          },
          {
            key: 'passed',
            title: say('passed'),
            isNumber: true,
            cell: (run) =>
              say('passed_of', { passed: run.scenarios_passed, played: run.scenarios_played }),
          },
          { key: 'at', title: say('began'), cell: (run) => <Moment at={run.started_at} /> },
          {
            key: 'show',
            title: '',
            cell: (run) => (
              <Button
                size="compact-xs"
                variant="default"
                disabled={run.run_id === shown}
                aria-label={say('show_run', { name: nameOf(run) })}
                onClick={() => onShow(run.run_id)}
              >
                {say(run.run_id === shown ? 'shown' : 'show')}
              </Button>
            ),
          },
        ]}
      />
    </Card>
  )
}
