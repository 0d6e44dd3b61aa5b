// The calls that were found, a row a call, with its sound and its words.
import { useState, type ReactNode } from 'react'
import { Anchor, Box } from '@mantine/core'
import { useDisclosure, useMediaQuery } from '@mantine/hooks'
import { Link } from 'wouter'
import { costWords } from '../../components/call-cost.ts'
import { CallState } from '../../components/call-state.tsx'
import { DataTable, type Column } from '../../components/data-table.tsx'
import { keepScroll } from '../../components/kept-search.ts'
import { Moment } from '../../components/moment.tsx'
import { duration, moment } from '../../words/amounts.ts'
import { useCommon } from '../../words/common.ts'
import calls from '../calls/calls.module.css'
import { Numbers } from '../calls/calls-table.tsx'
import type { FoundCall } from '../calls/found-calls.ts'
import { AudioCell, hasTalked } from './row/audio-cell.tsx'
import classes from './row/row.module.css'
import { TranscriptCell } from './row/transcript-cell.tsx'
import { TranscriptDialog } from './row/transcript-dialog.tsx'
import { useHistory } from './words.ts'

/** As components/data-table.tsx has it. */
const WIDE = '(min-width: 62em)'

interface HistoryTableProps {
  readonly found: readonly FoundCall[]
  /** Of another search: the answer to this one is on its way. */
  readonly areEarlier: boolean
}

export function HistoryTable({ found, areEarlier }: HistoryTableProps) {
  const say = useHistory()
  const common = useCommon()
  // Not in its row, which is another one when the screen is turned.
  const [isOpen, { open, close }] = useDisclosure()
  const [chosen, setChosen] = useState<FoundCall | null>(null)
  const read = (call: FoundCall): void => {
    setChosen(call)
    open()
  }
  const isWide = useMediaQuery(WIDE, true, { getInitialValueInEffect: false })
  const details: readonly Column<FoundCall>[] = isWide
    ? [
        {
          key: 'talk',
          title: say('talk'),
          cell: (call) => <Whole>{talked(call)}</Whole>,
          isNumber: true,
        },
        { key: 'cost', title: say('cost'), cell: ({ cost }) => costWords(cost), isNumber: true },
      ]
    : [{ key: 'more', title: common('details'), cell: inOneLine }]
  const columns: readonly Column<FoundCall>[] = [
    { key: 'time', title: say('time'), cell: (call) => <Opener call={call} /> },
    { key: 'numbers', title: say('numbers'), cell: (call) => <Numbers call={call} /> },
    {
      key: 'outcome',
      title: say('outcome'),
      cell: (call) => (
        <Whole>
          <CallState call={call} />
        </Whole>
      ),
    },
    ...details,
    {
      key: 'transcript',
      title: say('transcript'),
      cell: (call) =>
        call.has_transcript || hasTalked(call) ? (
          <TranscriptCell call={call} about={nameOf(call)} onRead={() => read(call)} />
        ) : null,
    },
    {
      key: 'audio',
      title: say('audio'),
      cell: (call) =>
        call.has_recording || hasTalked(call) ? (
          <AudioCell call={call} about={nameOf(call)} />
        ) : null,
    },
  ]
  return (
    <Box className={areEarlier ? calls['earlier'] : undefined} aria-busy={areEarlier}>
      <DataTable
        label={say('list')}
        columns={columns}
        items={found}
        keyOf={({ call_id: id }) => id}
      />
      <TranscriptDialog
        call={chosen}
        about={chosen === null ? '' : nameOf(chosen)}
        isOpen={isOpen}
        onClose={close}
      />
    </Box>
  )
}

/** Never cut off, nor broken. */
const Whole = ({ children }: { readonly children: ReactNode }) => (
  <span className={classes['whole']}>{children}</span>
)

const inOneLine = (call: FoundCall): string =>
  [talked(call), costWords(call.cost)].filter(Boolean).join(' · ')

const talked = ({ duration_seconds: seconds }: FoundCall): string =>
  seconds !== null && seconds > 0 ? duration(seconds) : ''

const nameOf = ({ created_at: at, direction, from, to }: FoundCall): string =>
  `${moment(at)}, ${direction === 'inbound' ? (from ?? '') : to}`

function Opener({ call: { call_id: id, created_at: at } }: { readonly call: FoundCall }) {
  return (
    <Anchor
      component={Link}
      href={`/calls/${id}`}
      size="sm"
      className={classes['whole']}
      onClick={keepScroll}
    >
      <Moment at={at} />
    </Anchor>
  )
}
