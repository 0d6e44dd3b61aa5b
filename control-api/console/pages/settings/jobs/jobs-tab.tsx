// Background jobs by state, live; those that are parked can be tried again, or given up.
import { useState } from 'react'
import { Button, Code, Group, SegmentedControl, Stack, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { listJobsOptions } from '../../../api/generated/@tanstack/react-query.gen.ts'
import { deleteJob, retryJob } from '../../../api/generated/sdk.gen.ts'
import type { ListJobsResponse } from '../../../api/generated/types.gen.ts'
import { refresh } from '../../../api/queries.ts'
import { ConfirmButton } from '../../../components/confirm-button.tsx'
import { Pager, useCursorPages } from '../../../components/cursor-pages.tsx'
import { DataTable, type Column } from '../../../components/data-table.tsx'
import { Empty, Loaded } from '../../../components/loaded.tsx'
import { Moment } from '../../../components/moment.tsx'
import { NeedsRole } from '../../../components/needs-role.tsx'
import { useAction } from '../../../components/use-action.ts'
import type { LiveMessage } from '../../../live/live-feed.ts'
import { useLive } from '../../../live/live.tsx'
import { createSeldom } from '../../../live/seldom.ts'
import { number } from '../../../words/amounts.ts'
import { RowActions } from '../row-actions.tsx'
import { Section } from '../section.tsx'
import { kindKey } from './job-kinds.ts'
import { useJobs } from './words.ts'

type Job = ListJobsResponse['items'][number]
const STATES = ['parked', 'waiting', 'running'] as const
type State = (typeof STATES)[number]

export function JobsTab() {
  const say = useJobs()
  return (
    <NeedsRole role="admin" about={say('about_role')}>
      <Section title={say('title')} about={say('about')} isCard={false}>
        <Jobs />
      </Section>
    </NeedsRole>
  )
}

const reading = createSeldom(() => refresh('listJobs'), { afterMs: 200, everyMs: 1000 })

function hearJobs({ type }: LiveMessage): void {
  if (type === 'job.changed') reading.soon()
}

const PAGE = 50

function Jobs() {
  const say = useJobs()
  const [state, setState] = useState<State>('parked')
  const pages = useCursorPages()
  const { cursor } = pages
  useLive(hearJobs)
  const query = useQuery({
    ...listJobsOptions({
      query: { state, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) },
    }),
    placeholderData: keepPreviousData,
  })
  const choose = (value: string): void => {
    setState(STATES.find((one) => one === value) ?? 'parked')
    pages.restart()
  }
  return (
    <Stack gap="sm">
      <Group>
        <SegmentedControl
          size="xs"
          aria-label={say('state_filter')}
          value={state}
          onChange={choose}
          data={STATES.map((value) => ({ value, label: say(value) }))}
        />
      </Group>
      <Loaded query={query}>
        {({ items, next_cursor: nextCursor }) => (
          <>
            {items.length === 0 ? <NoJobs state={state} /> : <JobTable items={items} />}
            <Pager pages={pages} nextCursor={nextCursor} />
          </>
        )}
      </Loaded>
    </Stack>
  )
}

function NoJobs({ state }: { readonly state: State }) {
  const say = useJobs()
  if (state === 'parked') return <Empty title={say('none_parked')}>{say('none_parked_hint')}</Empty>
  return <Empty title={say(`none_${state}`)} />
}

function JobTable({ items }: { readonly items: readonly Job[] }) {
  const say = useJobs()
  const columns: readonly Column<Job>[] = [
    { key: 'kind', title: say('kind'), cell: (job) => <Kind job={job} /> },
    { key: 'data', title: say('data'), cell: (job) => <Data job={job} /> },
    {
      ...{ key: 'attempts', title: say('attempts'), isNumber: true },
      cell: ({ attempts }) => number(attempts),
    },
    { key: 'run', title: say('run_at'), cell: ({ run_at: at }) => <Moment at={at} /> },
    { key: 'asked', title: say('asked'), cell: ({ asked_at: at }) => <Moment at={at} /> },
    {
      ...{ key: 'why', title: say('why') },
      cell: ({ last_error: error }) => <Text size="sm">{error}</Text>,
    },
    { key: 'actions', title: say('actions'), cell: (job) => <JobActions job={job} /> },
  ]
  return (
    <DataTable label={say('list')} columns={columns} items={items} keyOf={({ job_id: id }) => id} />
  )
}

function useKindWords(): (job: Job) => string {
  const say = useJobs()
  return ({ kind }) => {
    const key = kindKey(kind)
    return key === undefined ? kind : say(key)
  }
}

function Kind({ job }: { readonly job: Job }) {
  const words = useKindWords()
  return (
    <>
      <Text size="sm">{words(job)}</Text>
      <Text size="xs" c="dimmed" ff="monospace">
        {job.kind}
      </Text>
    </>
  )
}

const LAST_LETTERS = 8

function Data({ job: { data } }: { readonly job: Job }) {
  return (
    <Stack gap={2} align="inherit">
      {Object.entries(data).map(([name, value]) => {
        const text = String(value)
        const path =
          name === 'call_id'
            ? `/calls/${text}`
            : name === 'erasure_id'
              ? `/settings/erasures/${text}`
              : undefined
        if (path === undefined)
          return (
            <Code key={name} style={{ overflowWrap: 'anywhere' }}>
              {name}: {text}
            </Code>
          )
        return (
          <Text
            key={name}
            component={Link}
            href={path}
            title={text}
            size="xs"
            ff="monospace"
            c="var(--mantine-color-anchor)"
          >
            {text.split('_', 1)[0]}_…{text.slice(-LAST_LETTERS)}
          </Text>
        )
      })}
    </Stack>
  )
}

const refreshNow = (): void => void refresh('listJobs')

function JobActions({ job }: { readonly job: Job }) {
  const say = useJobs()
  const words = useKindWords()
  const path = { job_id: job.job_id }
  const retry = useAction(() => retryJob({ path }), {
    done: say('retry_done'),
    onDone: refreshNow,
  })
  if (job.state === 'running') return null
  const key = kindKey(job.kind)
  return (
    <RowActions>
      {job.state === 'parked' && (
        <Button
          size="compact-xs"
          loading={retry.isRunning}
          onClick={() => retry.run()}
          aria-label={say('retry_of', { job: words(job) })}
        >
          {say('retry')}
        </Button>
      )}
      <ConfirmButton
        size="compact-xs"
        color="red"
        label={say('remove')}
        ariaLabel={say('remove_of', { job: words(job) })}
        consequences={
          <Stack gap="xs">
            <Text fw={600}>{words(job)}</Text>
            {key !== undefined && <Text size="sm">{say(`remove-${key}`)}</Text>}
            <Text size="sm">{say('remove_what')}</Text>
          </Stack>
        }
        act={() => deleteJob({ path })}
        done={say('remove_done')}
        onDone={refreshNow}
      />
    </RowActions>
  )
}
