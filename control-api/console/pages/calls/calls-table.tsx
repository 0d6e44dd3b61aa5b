// The calls that were found, a row a call, each a link to its page.
import { Box, Group, Text, VisuallyHidden } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { ArrowDownLeftIcon, ArrowUpRightIcon } from '@primer/octicons-react'
import { Link } from 'wouter'
import { costWords } from '../../components/call-cost.ts'
import { CallState } from '../../components/call-state.tsx'
import { DataTable, type Column } from '../../components/data-table.tsx'
import { Moment } from '../../components/moment.tsx'
import { providerName } from '../../components/provider-name.ts'
import { duration, number } from '../../words/amounts.ts'
import { useCommon, type SayCommon } from '../../words/common.ts'
import classes from './calls.module.css'
import type { FoundCall } from './found-calls.ts'
import { keepScroll } from '../../components/kept-search.ts'
import { useCalls } from './words.ts'

/** As components/data-table.tsx has it. */
const WIDE = '(min-width: 62em)'

type SayCalls = ReturnType<typeof useCalls>

export function CallsTable({
  calls,
  areEarlier,
}: {
  readonly calls: readonly FoundCall[]
  /** Of another search: the answer to this one is on its way. */
  readonly areEarlier: boolean
}) {
  const say = useCalls()
  const common = useCommon()
  const isWide = useMediaQuery(WIDE, true, { getInitialValueInEffect: false })
  return (
    <Box
      className={areEarlier ? `${classes['list']} ${classes['earlier']}` : classes['list']}
      aria-busy={areEarlier}
    >
      <DataTable
        label={say('list')}
        columns={isWide ? columnsOf(say, common) : narrowColumnsOf(say, common)}
        items={calls}
        keyOf={({ call_id: id }) => id}
      />
    </Box>
  )
}

/** Its trunk; of a vendor's telephony the vendor. */
const wayOf = ({ provider, trunk }: FoundCall): string =>
  provider === 'sip' ? trunk : providerName(provider)
const talked = ({ duration_seconds: seconds }: FoundCall): string =>
  seconds !== null && seconds > 0 ? duration(seconds) : ''
const opened = ({ agent: { open_ms_after_answer: late } }: FoundCall): string =>
  late === null ? '' : `+${number(late)} ms`
const charged = ({ cost }: FoundCall): string => costWords(cost)

function columnsOf(say: SayCalls, common: SayCommon): readonly Column<FoundCall>[] {
  const reviewed = ({ review_status: review }: FoundCall): string =>
    review === null ? '' : common(review)
  return [
    { key: 'time', title: say('time'), cell: (call) => <Opener call={call} /> },
    { key: 'numbers', title: say('numbers'), cell: (call) => <Numbers call={call} /> },
    { key: 'state', title: say('status'), cell: (call) => <State call={call} /> },
    { key: 'duration', title: say('duration'), cell: talked, isNumber: true },
    { key: 'agent', title: say('agent_after'), cell: opened, isNumber: true },
    { key: 'cost', title: say('cost'), cell: charged, isNumber: true },
    { key: 'trunk', title: say('trunk'), cell: wayOf },
    { key: 'review', title: say('review_status'), cell: reviewed },
  ]
}

/** Where there is no room for a table: what there is to say of a call, in one line. */
function narrowColumnsOf(say: SayCalls, common: SayCommon): readonly Column<FoundCall>[] {
  const [time, numbers, state] = columnsOf(say, common)
  const details = (call: FoundCall): string =>
    [talked(call), charged(call), wayOf(call), call.review_status && common(call.review_status)]
      .filter(Boolean)
      .join(' · ')
  const more: Column<FoundCall> = { key: 'more', title: common('details'), cell: details }
  return [time, numbers, state, more].filter((column) => column !== undefined)
}

const Opener = ({ call }: { readonly call: FoundCall }) => {
  const say = useCalls()
  const common = useCommon()
  const from = call.from ?? common('anonymous')
  return (
    <Link href={`/calls/${call.call_id}`} className={classes['open']} onClick={keepScroll}>
      <Moment at={call.created_at} />
      <VisuallyHidden>, {say('opens', { from, to: call.to })}</VisuallyHidden>
    </Link>
  )
}

export function Numbers({ call: { direction, from, to } }: { readonly call: FoundCall }) {
  const say = useCalls()
  const common = useCommon()
  const Icon = direction === 'inbound' ? ArrowDownLeftIcon : ArrowUpRightIcon
  const words = common(direction)
  return (
    <span className={classes['number']}>
      <Text component="span" c="dimmed" title={words} pe={6}>
        <Icon size={16} aria-label={words} />
      </Text>
      {from ?? <i>{common('anonymous')}</i>} <span aria-hidden="true">→</span>
      <VisuallyHidden>{say('goes_to')}</VisuallyHidden> {to}
    </span>
  )
}

/** Our own and the carrier's failures say why at once. */
function State({ call }: { readonly call: FoundCall }) {
  const say = useCalls()
  const { termination, attempt } = call
  const isFailure =
    termination?.result === 'server_error' || termination?.result === 'upstream_error'
  const more = [
    isFailure ? termination.reason : '',
    attempt > 1 ? say('attempt', { attempt }) : '',
  ].filter(Boolean)
  return (
    <Group gap={6} justify="inherit" wrap="nowrap">
      <Box flex="none">
        <CallState call={call} />
      </Box>
      {more.length > 0 && (
        <Text component="span" size="xs" c="dimmed">
          {more.join(' · ')}
        </Text>
      )}
    </Group>
  )
}
