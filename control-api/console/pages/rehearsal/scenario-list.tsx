// The scenarios there are: what happens in each, and how it went in the run that is shown.
import { Badge, Button, Card, Group, Stack, Text, Title, UnstyledButton } from '@mantine/core'
import { PlayIcon } from '@primer/octicons-react'
import type { ListScenariosResponse } from '../../api/generated/types.gen.ts'
import { duration } from '../../words/amounts.ts'
import { useCommon } from '../../words/common.ts'
import { useScenario } from './scenario-words.ts'
import { ScenarioBadge } from './scenario-badge.tsx'
import { stateOf, type WatchedRun } from './watched-run.ts'
import { useRehearsalWords } from './words.ts'
import styles from './rehearsal.module.css'

interface ScenarioListProps {
  readonly scenarios: ListScenariosResponse['items']
  readonly run: WatchedRun | undefined
  readonly selected: string | null
  readonly onSelect: (name: string) => void
  /** Why nothing can be run now. */
  readonly unavailable: string | undefined
  readonly onRun: (name: string) => void
}

export function ScenarioList(props: ScenarioListProps) {
  const { scenarios, run, selected, onSelect, unavailable, onRun } = props
  const say = useRehearsalWords()
  const scenarioOf = useScenario()
  return (
    <Card withBorder padding="sm" component="section" aria-labelledby="scenarios">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5" id="scenarios">
          {say('scenarios', { count: scenarios.length })}
        </Title>
        <Button
          size="xs"
          leftSection={<PlayIcon size={14} />}
          disabled={unavailable !== undefined}
          title={unavailable}
          onClick={() => onRun('all')}
        >
          {say('run_all')}
        </Button>
      </Group>
      <ul className={styles['scenarios']}>
        {scenarios.map((scenario) => {
          const { name, story } = scenarioOf(scenario)
          const state = run ? stateOf(run, scenario.name) : 'not_played'
          return (
            <li key={scenario.name} data-selected={scenario.name === selected || undefined}>
              <Stack gap={2} miw={0} flex={1}>
                <Group gap={6}>
                  {state === 'not_played' ? (
                    <Text size="sm" fw={600}>
                      {name}
                    </Text>
                  ) : (
                    <UnstyledButton
                      fz="sm"
                      fw={600}
                      td="underline"
                      aria-label={say('look_at', { name })}
                      onClick={() => onSelect(scenario.name)}
                    >
                      {name}
                    </UnstyledButton>
                  )}
                  <ScenarioBadge state={state} />
                </Group>
                <Text size="xs" c="dimmed">
                  {story} <Extra scenario={scenario} />
                </Text>
              </Stack>
              <Button
                size="compact-xs"
                variant="default"
                aria-label={say('run_this', { name })}
                disabled={unavailable !== undefined}
                title={unavailable}
                onClick={() => onRun(scenario.name)}
              >
                {say('run')}
              </Button>
            </li>
          )
        })}
      </ul>
    </Card>
  )
}

type Scenario = ListScenariosResponse['items'][number]

function Extra({ scenario: { direction, lasts_seconds: lasts } }: { readonly scenario: Scenario }) {
  const say = useRehearsalWords()
  const common = useCommon()
  return (
    <>
      {direction === 'inbound' && (
        <Badge size="xs" variant="light" color="gray">
          {common('inbound')}
        </Badge>
      )}{' '}
      {lasts !== null && (
        <Badge size="xs" variant="light" color="gray" tt="none">
          {say('lasts', { length: duration(lasts) })}
        </Badge>
      )}
    </>
  )
}
