// Statistics: how the calls of a period went, beside the period before; as figures, as charts, as a table.
import { Alert, Button, Stack, Text } from '@mantine/core'
import { useLocation, useSearch } from 'wouter'
import { Empty, Loaded } from '../../components/loaded.tsx'
import { PageFrame } from '../../components/page-frame.tsx'
import { viewerTimeZone } from '../../words/amounts.ts'
import { Charts } from './charts-section.tsx'
import { ChoosePeriod } from './choose-period.tsx'
import { dayWords } from './day-words.ts'
import { Groups } from './groups.tsx'
import { OrdersSection } from './orders/orders-section.tsx'
import { MOST_DAYS, periodOf, readView, writeView, type Period, type View } from './period.ts'
import { Tiles } from './tiles.tsx'
import { useStatistics } from './use-statistics.ts'
import { useStatisticsWords } from './words.ts'

/** What is compared is asked for anew no more often. */
const STEP_MS = 300_000

export function Component() {
  const say = useStatisticsWords()
  const [path, navigate] = useLocation()
  const view = readView(useSearch())
  // The calendar goes on while the page is open.
  const now = new Date(Math.floor(Date.now() / STEP_MS) * STEP_MS)
  const judged = periodOf(view, now)
  const change = (patch: Partial<View>): void =>
    navigate(`${path}${writeView({ ...view, ...patch })}`, { replace: true })
  return (
    <PageFrame title={say('title')}>
      <ChoosePeriod view={view} now={now} change={change} />
      {judged.kind === 'period' ? (
        <Figures period={judged.period} view={view} change={change} />
      ) : (
        <Alert color="yellow" role="status">
          {judged.kind === 'backwards' ? say('backwards') : say('too_long', { days: MOST_DAYS })}
        </Alert>
      )}
    </PageFrame>
  )
}

interface FiguresProps {
  readonly period: Period
  readonly view: View
  readonly change: (patch: Partial<View>) => void
}

function Figures({ period, view, change }: FiguresProps) {
  const say = useStatisticsWords()
  const { grouped, charted, before } = useStatistics(period, view.group)
  const showLong = (): void => change({ range: '90d', from: undefined, to: undefined })
  return (
    <>
      <Text size="sm" c="dimmed" role="status">
        {say('zone', {
          from: dayWords(period.from),
          to: dayWords(period.to),
          zone: viewerTimeZone(),
        })}
        {period.goesOn && `. ${say(grouped.isPlaceholderData ? 'counting' : 'live')}`}
      </Text>
      <Loaded query={grouped}>
        {(statistics) =>
          statistics.totals.calls === 0 ? (
            <Empty title={say('no_calls')}>
              <Stack align="center" gap="sm">
                {say('no_calls_hint')}
                {view.range !== '90d' && (
                  <Button variant="default" size="xs" onClick={showLong}>
                    {say('show_90d')}
                  </Button>
                )}
              </Stack>
            </Empty>
          ) : (
            <Stack gap="lg">
              <Tiles totals={statistics.totals} before={before} period={period} />
              <Charts charted={charted} period={period} />
              <Groups statistics={statistics} period={period} />
              <OrdersSection period={period} />
            </Stack>
          )
        }
      </Loaded>
    </>
  )
}
