// Statistics of Voximplant: how the calls of a period went; as figures, as charts, as tables.
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useLocation, useSearch } from 'wouter'
import { Empty, Loaded } from '../../components/loaded.tsx'
import { saveCsv } from '../../components/save-csv.ts'
import { ApplicationChoice } from '../../components/voximplant/application-choice.tsx'
import { NoAccounts, NoApplications } from '../../components/voximplant/nothing-yet.tsx'
import {
  statisticsOptions,
  useAccounts,
  useApplications,
} from '../../components/voximplant/queries.ts'
import type { Statistics } from '../../components/voximplant/shapes.ts'
import { VoximplantFrame } from '../../components/voximplant/voximplant-frame.tsx'
import { useLive } from '../../live/live.tsx'
import { viewerTimeZone } from '../../words/amounts.ts'
import { ChoosePeriod } from '../statistics/choose-period.tsx'
import { dayWords } from '../statistics/day-words.ts'
import { MOST_DAYS, periodOf, type Period } from '../statistics/period.ts'
import { useStatisticsWords } from '../statistics/words.ts'
import { Charts } from './charts.tsx'
import { readFiguresView, writeFiguresView, type FiguresView } from './figures-view.ts'
import { csvOf } from './figures-csv.ts'
import { hearCalls } from './fresh-figures.ts'
import { Tables } from './tables.tsx'
import { Tiles } from './tiles.tsx'
import { useFigures } from './words.ts'

/** The calendar is looked at anew no more often. */
const STEP_MS = 300_000

export function Component() {
  const say = useStatisticsWords()
  const [path, navigate] = useLocation()
  const view = readFiguresView(useSearch())
  const applications = useApplications()
  useLive(hearCalls)
  // The calendar goes on while the page is open.
  const now = new Date(Math.floor(Date.now() / STEP_MS) * STEP_MS)
  const judged = periodOf(view, now)
  const change = (patch: Partial<FiguresView>): void =>
    navigate(`${path}${writeFiguresView({ ...view, ...patch })}`, { replace: true })
  const { application_id: id } = view
  return (
    <VoximplantFrame here="statistics">
      <ChoosePeriod
        view={view}
        now={now}
        change={change}
        instead={
          <ApplicationChoice
            applications={applications.data?.items ?? []}
            value={id ?? ''}
            onChange={(chosen) => change({ application_id: chosen === '' ? undefined : chosen })}
            mayBeAll
          />
        }
      />
      {judged.kind === 'period' ? (
        <Figures period={judged.period} applicationId={id} />
      ) : (
        <Alert color="yellow" role="status">
          {judged.kind === 'backwards' ? say('backwards') : say('too_long', { days: MOST_DAYS })}
        </Alert>
      )}
    </VoximplantFrame>
  )
}

interface FiguresProps {
  readonly period: Period
  readonly applicationId: string | undefined
}

function Figures({ period, applicationId }: FiguresProps) {
  const all = useStatisticsWords()
  const query = useQuery(
    statisticsOptions({
      ...period.asked,
      time_zone: viewerTimeZone(),
      ...(applicationId === undefined ? {} : { application_id: applicationId }),
    }),
  )
  return (
    <>
      <Text size="sm" c="dimmed" role="status">
        {all('zone', {
          from: dayWords(period.from),
          to: dayWords(period.to),
          zone: viewerTimeZone(),
        })}
        {period.goesOn && `. ${all(query.isPlaceholderData ? 'counting' : 'live')}`}
      </Text>
      <Loaded query={query}>
        {(statistics) =>
          statistics.totals.calls === 0 ? (
            <NoCalls />
          ) : (
            <Counted statistics={statistics} period={period} />
          )
        }
      </Loaded>
    </>
  )
}

interface CountedProps {
  readonly statistics: Statistics
  readonly period: Period
}

function Counted({ statistics, period }: CountedProps) {
  const say = useFigures()
  const { totals, applications } = statistics
  const name = `voximplant-${period.from}--${period.to}.csv`
  return (
    <Stack gap="lg">
      <Tiles totals={totals} />
      <Charts statistics={statistics} by={period.charted.group_by} />
      <Tables totals={totals} applications={applications} period={period} />
      <Group justify="flex-end">
        <Button size="xs" variant="default" onClick={() => saveCsv(csvOf(statistics), name)}>
          {say('csv')}
        </Button>
      </Group>
    </Stack>
  )
}

/** Why, and what would bring some. */
function NoCalls() {
  const all = useStatisticsWords()
  const accounts = useAccounts()
  const applications = useApplications()
  if (accounts.data?.items.length === 0) return <NoAccounts />
  if (applications.data?.items.length === 0) return <NoApplications />
  return <Empty title={all('no_calls')}>{all('no_calls_hint')}</Empty>
}
