// Rehearsal: whole calls against simulators, played here and watched.
import { useCallback, useRef, useState } from 'react'
import { Alert, Button, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import {
  listRehearsalsOptions,
  listScenariosOptions,
} from '../../api/generated/@tanstack/react-query.gen.ts'
import { cancelRehearsal, startRehearsal } from '../../api/generated/sdk.gen.ts'
import type { ListScenariosResponse } from '../../api/generated/types.gen.ts'
import { refresh } from '../../api/queries.ts'
import { Loaded } from '../../components/loaded.tsx'
import { PageFrame } from '../../components/page-frame.tsx'
import { useAction } from '../../components/use-action.ts'
import type { LiveMessage } from '../../live/live-feed.ts'
import { useLive } from '../../live/live.tsx'
import { useMay } from '../../session/session.tsx'
import { useCommon } from '../../words/common.ts'
import { EarlierRuns } from './earlier-runs.tsx'
import { RunCard } from './run-card.tsx'
import { ScenarioList } from './scenario-list.tsx'
import { useRun } from './use-run.ts'
import { useRehearsalWords } from './words.ts'
import styles from './rehearsal.module.css'

export function Component() {
  const say = useRehearsalWords()
  const scenarios = useQuery(listScenariosOptions())
  return (
    <PageFrame title={say('title')}>
      <Text size="sm" c="dimmed" maw={760}>
        {say('what')}
      </Text>
      <Loaded query={scenarios}>{(known) => <Stage known={known} />}</Loaded>
    </PageFrame>
  )
}

function Stage({ known }: { readonly known: ListScenariosResponse }) {
  const say = useRehearsalWords()
  const common = useCommon()
  const may = useMay('operator')
  const [chosenRun, chooseRun] = useState<string | null>(null)
  const [chosenScenario, chooseScenario] = useState<string | null>(null)
  const runs = useQuery(listRehearsalsOptions())
  const watch = useRef<HTMLDivElement>(null)
  // Where there is room both are in sight; on a phone the run stands below its list.
  const show = (scenario: string | null): void => {
    chooseScenario(scenario)
    requestAnimationFrame(() => watch.current?.scrollIntoView({ block: 'nearest' }))
  }
  useRunsToldAnew(chooseRun, chooseScenario)
  const runId = chosenRun ?? runs.data?.items[0]?.run_id ?? null
  const run = useRun(runId)
  const running = runs.data?.items.find(({ state }) => state === 'running')
  const starting = useAction(async (scenario: string) => startRehearsal({ body: { scenario } }), {
    onDone: ({ data }) => {
      chooseRun(data.run_id)
      show(data.scenario === 'all' ? null : data.scenario)
      void refresh('listRehearsals')
    },
  })
  const isBusy = starting.isRunning || running !== undefined
  const unavailable = !may
    ? common('needs_operator')
    : !known.available
      ? (known.why_not ?? say('not_here'))
      : isBusy
        ? say('one_at_a_time')
        : undefined
  return (
    <Stack gap="md">
      {!known.available && (
        <Alert color="yellow" title={say('not_here')}>
          {known.why_not}
        </Alert>
      )}
      <div className={styles['both']}>
        <ScenarioList
          scenarios={known.items}
          run={run.data}
          selected={chosenScenario}
          onSelect={show}
          unavailable={unavailable}
          onRun={(scenario) => starting.run(scenario)}
        />
        <Stack gap="md" miw={0} ref={watch} className={styles['watch']}>
          {runId === null ? (
            <Text c="dimmed">{say(known.available ? 'no_run' : 'nothing_to_show')}</Text>
          ) : (
            <Loaded query={run}>
              {(watched) => (
                <RunCard
                  run={watched}
                  scenario={chosenScenario}
                  total={watched.scenario === 'all' ? known.items.length : 1}
                  cancel={<Cancel runId={watched.run_id} may={may} />}
                />
              )}
            </Loaded>
          )}
          <EarlierRuns runs={runs.data?.items ?? []} shown={runId} onShow={chooseRun} />
        </Stack>
      </div>
    </Stack>
  )
}

/** A run that begins is shown, whoever began it. */
function useRunsToldAnew(
  chooseRun: (id: string) => void,
  chooseScenario: (name: string | null) => void,
): void {
  useLive(
    useCallback(
      ({ type, data }: LiveMessage) => {
        if (type === 'rehearsal.started') {
          chooseRun(String(data['run_id']))
          chooseScenario(data['scenario'] === 'all' ? null : String(data['scenario']))
        }
        if (type === 'rehearsal.started' || type === 'rehearsal.finished')
          void refresh('listRehearsals')
      },
      [chooseRun, chooseScenario],
    ),
  )
}

function Cancel({ runId, may }: { readonly runId: string; readonly may: boolean }) {
  const say = useRehearsalWords()
  const common = useCommon()
  const action = useAction(() => cancelRehearsal({ path: { run_id: runId } }))
  return (
    <Button
      size="xs"
      variant="default"
      loading={action.isRunning}
      disabled={!may}
      title={may ? undefined : common('needs_operator')}
      onClick={() => action.run()}
    >
      {say('cancel')}
    </Button>
  )
}
