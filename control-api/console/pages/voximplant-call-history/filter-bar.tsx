// Which calls: of which application, how they ended, on which days, with whom.
import { Box, Button, Group, NativeSelect, SimpleGrid } from '@mantine/core'
import type { KeptSearch } from '../../components/kept-search.ts'
import { ApplicationChoice } from '../../components/voximplant/application-choice.tsx'
import type { Application } from '../../components/voximplant/shapes.ts'
import { useCommon } from '../../words/common.ts'
import { decodeAsked, isDay, MAX_ASKED } from '../calls/call-search.ts'
import { choiceWords } from '../calls/choice-words.ts'
import { TypedFilter } from '../calls/typed-filter.tsx'
import { asOutcome, isNarrowed, OUTCOMES, type HistoryFilters } from './history-search.ts'
import { useHistory } from './words.ts'

interface FilterBarProps {
  readonly search: KeptSearch<HistoryFilters>
  readonly applications: readonly Application[]
  readonly applicationId: string
}

const orNothing = (text: string): string | undefined => (text === '' ? undefined : text)
const isWholeDay = (text: string): boolean => text === '' || isDay(text)
const isFinished = (text: string): boolean => decodeAsked(text).kind !== 'unfinished'

export function FilterBar({ search, applications, applicationId }: FilterBarProps) {
  const say = useHistory()
  const common = useCommon()
  const { filters, asked, change, clear } = search
  const day = (name: 'from' | 'to') => (
    <TypedFilter
      label={say(name)}
      type="date"
      value={filters[name] ?? ''}
      isReady={isWholeDay}
      onAsk={(text) => change({ filters: { [name]: orNothing(text) } })}
    />
  )
  return (
    <Box role="group" aria-label={say('filters')}>
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }} spacing="sm" verticalSpacing="xs">
        <ApplicationChoice
          applications={applications}
          value={applicationId}
          onChange={(id) => change({ filters: { application_id: id } })}
          mayBeAll={false}
        />
        <NativeSelect
          size="xs"
          label={say('outcome')}
          value={filters.outcome ?? ''}
          onChange={(event) =>
            change({ filters: { outcome: asOutcome(event.currentTarget.value) } })
          }
          data={[
            { value: '', label: say('any') },
            ...OUTCOMES.map((value) => ({ value, label: choiceWords(value, common) })),
          ]}
        />
        {day('from')}
        {day('to')}
        <TypedFilter
          label={say('number_or_end')}
          value={asked}
          maxLength={MAX_ASKED}
          isReady={isFinished}
          onAsk={(text) => change({ asked: text })}
        />
      </SimpleGrid>
      {isNarrowed(filters, asked) && (
        <Group mt="xs">
          <Button size="compact-sm" variant="subtle" onClick={clear}>
            {common('clear')}
          </Button>
        </Group>
      )}
    </Box>
  )
}
