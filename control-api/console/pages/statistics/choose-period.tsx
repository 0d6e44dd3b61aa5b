// The period and what its calls are grouped by.
import { useState, type ReactNode } from 'react'
import { Group, NativeSelect, SegmentedControl, TextInput } from '@mantine/core'
import { dayBefore, GROUPS, isDay, RANGES, writtenDay, type Grouping, type View } from './period.ts'
import { useStatisticsWords } from './words.ts'

interface ChoosePeriodProps {
  readonly view: View
  readonly now: Date
  readonly change: (patch: Partial<View>) => void
  /** Something else to choose, where nothing is grouped. */
  readonly instead?: ReactNode
}

const CUSTOM = 'custom' as const
/** To begin with, of a period of one's own. */
const DAYS_BACK = 13

export function ChoosePeriod({ view, now, change, instead }: ChoosePeriodProps) {
  const say = useStatisticsWords()
  const choose = (value: string): void => {
    const range = RANGES.find((one) => one === value)
    const today = writtenDay(now)
    change(
      range === undefined
        ? { range: undefined, from: dayBefore(today, DAYS_BACK), to: today }
        : { range, from: undefined, to: undefined },
    )
  }
  return (
    <Group gap="sm" align="flex-end" justify="space-between">
      <Group gap="sm" align="flex-end">
        <SegmentedControl
          aria-label={say('period')}
          size="xs"
          value={view.range ?? CUSTOM}
          onChange={choose}
          data={([...RANGES, CUSTOM] as const).map((value) => ({ value, label: say(value) }))}
        />
        {view.range === undefined && (
          <>
            <DayInput
              key={`from ${view.from}`}
              label={say('from')}
              day={view.from ?? ''}
              onDay={(from) => change({ from })}
            />
            <DayInput
              key={`to ${view.to}`}
              label={say('to')}
              day={view.to ?? ''}
              onDay={(to) => change({ to })}
            />
          </>
        )}
      </Group>
      {instead ?? (
        <NativeSelect
          size="xs"
          label={say('group')}
          value={view.group}
          onChange={({ currentTarget: { value } }) => change({ group: value as Grouping })}
          data={GROUPS.map((value) => ({ value, label: say(`by_${value}`) }))}
        />
      )}
    </Group>
  )
}

interface DayInputProps {
  readonly label: string
  readonly day: string
  readonly onDay: (day: string) => void
}

/** What is being typed stays in the box until it is a day. */
function DayInput({ label, day, onDay }: DayInputProps) {
  const [typed, setTyped] = useState(day)
  return (
    <TextInput
      size="xs"
      type="date"
      label={label}
      value={typed}
      onChange={({ currentTarget: { value } }) => {
        setTyped(value)
        if (isDay(value)) onDay(value)
      }}
    />
  )
}
