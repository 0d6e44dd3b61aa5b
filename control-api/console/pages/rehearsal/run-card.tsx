// A run: how far it is, what came of it, and one of its scenarios closely.
import type { ReactNode } from 'react'
import { Alert, Badge, Card, Group, List, Progress, Stack, Text, Title } from '@mantine/core'
import { Ladder } from '../../components/ladder/ladder.tsx'
import { rehearsalEntry } from '../../components/ladder/rehearsal-entries.ts'
import { Moment } from '../../components/moment.tsx'
import { Ticking } from '../../components/ticking.tsx'
import { useCommon } from '../../words/common.ts'
import { Costs, Figures } from './figures.tsx'
import { ScenarioBadge } from './scenario-badge.tsx'
import { useScenario } from './scenario-words.ts'
import { ladderOf, mostInteresting, stateOf, type Result, type WatchedRun } from './watched-run.ts'
import { useRehearsalWords } from './words.ts'

export const RUN_COLORS = {
  running: 'signal',
  passed: 'teal',
  failed: 'red',
  canceled: 'gray',
} as const

interface RunCardProps {
  readonly run: WatchedRun
  /** The chosen one; null: whichever is the most interesting. */
  readonly scenario: string | null
  readonly total: number
  /** The button that ends it. */
  readonly cancel: ReactNode
}

export function RunCard({ run, scenario, total, cancel }: RunCardProps) {
  const say = useRehearsalWords()
  const scenarioOf = useScenario()
  const isRunning = run.state === 'running'
  const played = run.scenarios.length
  const failed = run.scenarios.filter(({ passed }) => !passed).length
  const isOfThisRun = scenario !== null && stateOf(run, scenario) !== 'not_played'
  const watched = isOfThisRun ? scenario : mostInteresting(run)
  const name = run.scenario === 'all' ? say('all') : scenarioOf({ name: run.scenario }).name
  return (
    <Card withBorder component="section" aria-labelledby="run">
      <Stack gap="sm">
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Group gap="xs" role="status">
            <Title order={2} size="h5" id="run">
              {name}
            </Title>
            <Badge variant="light" color={RUN_COLORS[run.state]}>
              {say(`run_${run.state}`)}
            </Badge>
            <Text size="sm" c="dimmed">
              <Moment at={run.started_at} /> ·{' '}
              <Ticking since={run.started_at} until={run.ended_at} />
            </Text>
          </Group>
          {isRunning && cancel}
        </Group>
        <Progress.Root size="lg">
          <Progress.Section
            value={((played - failed) / total) * 100}
            color="teal"
            aria-label={say('run_passed')}
          />
          <Progress.Section
            value={(failed / total) * 100}
            color="red"
            aria-label={say('run_failed')}
          />
          <Progress.Section
            value={(run.playing.length / total) * 100}
            color="signal"
            aria-label={say('run_running')}
            striped
            animated
          />
        </Progress.Root>
        <Text size="sm" c="dimmed">
          {say('progress', { played, total })}
          {failed > 0 && ` · ${say('failed_count', { count: failed })}`}
        </Text>
        {run.error !== null && (
          <Alert color="red" title={say('run_error')} style={{ whiteSpace: 'pre-line' }}>
            {run.error}
          </Alert>
        )}
        {watched !== undefined && <OneScenario run={run} name={watched} />}
      </Stack>
    </Card>
  )
}

function OneScenario({ run, name }: { readonly run: WatchedRun; readonly name: string }) {
  const say = useRehearsalWords()
  const scenarioOf = useScenario()
  const result = run.scenarios.find((one) => one.name === name)
  const { name: words, story } = scenarioOf({ name })
  const entries = ladderOf(run, name).map(rehearsalEntry)
  const state = stateOf(run, name)
  return (
    <Stack gap="sm" component="section" aria-labelledby="scenario">
      <Group gap="xs" mt="xs">
        <Title order={3} size="h4" id="scenario">
          {words}
        </Title>
        <ScenarioBadge state={state} />
      </Group>
      <Text size="sm" c="dimmed">
        {story}
      </Text>
      {result && <Verdict result={result} />}
      {result && <Figures result={result} />}
      {entries.length === 0 ? (
        <Text size="sm" c="dimmed">
          {say(run.state === 'running' ? 'about_to_begin' : 'no_ladder')}
        </Text>
      ) : (
        // Another scenario is another ladder: it draws itself from its beginning.
        <Ladder
          key={`${run.run_id} ${name}`}
          label={say('ladder_of', { name: words })}
          entries={entries}
          isGrowing={state === 'playing'}
        />
      )}
      {result && <Costs cost={result.cost} />}
    </Stack>
  )
}

function Verdict({ result: { passed, failures, notes, outcome } }: { readonly result: Result }) {
  const say = useRehearsalWords()
  const common = useCommon()
  const came = outcome === 'failed' ? common('outcome_failed') : outcome
  return (
    <Alert
      color={passed ? 'teal' : 'red'}
      title={say(passed ? 'verdict_passed' : 'verdict_failed', { count: failures.length })}
    >
      <Stack gap={6}>
        {failures.length > 0 && (
          <List size="sm">
            {failures.map((failure, index) => (
              // Free text: two may read alike.
              <List.Item key={`${index} ${failure}`}>{failure}</List.Item>
            ))}
          </List>
        )}
        {came !== null && (
          <Text size="sm">{say('outcome', { outcome: outcomeWords(came, common) })}</Text>
        )}
        {notes.map((note, index) => (
          <Text key={`${index} ${note}`} size="xs" c="dimmed">
            {note}
          </Text>
        ))}
      </Stack>
    </Alert>
  )
}

const OUTCOMES = ['answered', 'no-answer', 'busy', 'canceled', 'declined', 'machine'] as const

function outcomeWords(outcome: string, common: ReturnType<typeof useCommon>): string {
  const known = OUTCOMES.find((one) => one === outcome)
  return known === undefined ? outcome : common(known)
}
