// Retention: what is kept how long, what went last, what goes next.
import { Badge, Code, Group, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getSettingsOptions } from '../../../api/generated/@tanstack/react-query.gen.ts'
import type { GetSettingsResponse } from '../../../api/generated/types.gen.ts'
import { refresh } from '../../../api/queries.ts'
import { DataTable, type Column } from '../../../components/data-table.tsx'
import { FactList } from '../../../components/fact-list.tsx'
import { Loaded } from '../../../components/loaded.tsx'
import { Moment } from '../../../components/moment.tsx'
import type { LiveMessage } from '../../../live/live-feed.ts'
import { useLive } from '../../../live/live.tsx'
import { moment, number } from '../../../words/amounts.ts'
import { Section } from '../section.tsx'
import { cutOff, KINDS, nextSweepAt, type Kind } from './next-sweep.ts'
import { useRetention } from './words.ts'

interface RetentionProps {
  readonly settings: GetSettingsResponse
}

export function RetentionTab() {
  const query = useQuery(getSettingsOptions())
  useLive(hearSweeps)
  return (
    <Loaded query={query}>
      {(settings) => (
        <Stack>
          <Kept settings={settings} />
          <Sweeps settings={settings} />
          <HowToChange settings={settings} />
        </Stack>
      )}
    </Loaded>
  )
}

/** A sweep is a job. */
function hearSweeps({ type }: LiveMessage): void {
  if (type === 'job.changed') void refresh('getSettings')
}

function Kept({ settings }: RetentionProps) {
  const say = useRetention()
  const next = nextSweepAt(settings)
  const days = settings.retention_days
  const columns: readonly Column<Kind>[] = [
    {
      key: 'kind',
      title: say('kind'),
      cell: (kind) => (
        <Text inherit fw={600}>
          {say(kind)}
        </Text>
      ),
    },
    {
      ...{ key: 'days', title: say('days') },
      cell: (kind) => say('days_value', { count: days[kind] }),
    },
    {
      ...{ key: 'goes', title: say('goes') },
      cell: (kind) => (
        <Text size="sm" maw={460}>
          {say(`${kind}_what`)}
        </Text>
      ),
    },
    ...(next === null
      ? []
      : [
          {
            ...{ key: 'next', title: say('next') },
            cell: (kind: Kind) => say('before', { at: moment(cutOff(next, days[kind])) }),
          },
        ]),
  ]
  return (
    <Section title={say('kept')} about={say('about')} isCard={false}>
      <DataTable label={say('list')} columns={columns} items={KINDS} keyOf={(kind) => kind} />
      <Text size="sm" c="dimmed" maw={760}>
        {say('stays')}
      </Text>
    </Section>
  )
}

function Sweeps({ settings }: RetentionProps) {
  const say = useRetention()
  const { last_sweep: last } = settings
  const next = nextSweepAt(settings)
  return (
    <Section title={say('sweeps')}>
      <FactList
        facts={[
          { name: say('last'), value: last === null ? say('last_none') : <Moment at={last.at} /> },
          { name: say('next_at'), value: next === null ? say('next_soon') : moment(next) },
          ...(last === null
            ? []
            : [{ name: say('deleted'), value: <Deleted deleted={last.deleted} />, isWide: true }]),
        ]}
      />
    </Section>
  )
}

type LastSweep = NonNullable<GetSettingsResponse['last_sweep']>

/** `transcripts` and `events` are names of kinds already. */
const nameOf = (kind: keyof NonNullable<LastSweep['deleted']>) =>
  kind === 'transcripts' || kind === 'events' ? (`${kind}_count` as const) : kind

function Deleted({ deleted }: Pick<LastSweep, 'deleted'>) {
  const say = useRetention()
  if (deleted === null) return say('deleted_unknown')
  const some = Object.entries(deleted).filter(([, count]) => count > 0)
  if (some.length === 0) return say('deleted_nothing')
  return (
    <Group gap={6}>
      {some.map(([kind, count]) => (
        <Badge key={kind} variant="default" tt="none">
          {say(nameOf(kind as keyof NonNullable<LastSweep['deleted']>))}: {number(count)}
        </Badge>
      ))}
    </Group>
  )
}

function HowToChange({ settings: { retention_days: days } }: RetentionProps) {
  const say = useRetention()
  const { audio, transcripts, events, media } = days
  return (
    <Section title={say('change')} about={say('change_what')}>
      <Code block tabIndex={0}>
        {`RETENTION_DAYS=audio=${audio},transcripts=${transcripts},events=${events}${media === null ? '' : `,media=${media}`}`}
      </Code>
    </Section>
  )
}
