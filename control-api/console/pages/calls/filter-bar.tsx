// Which calls: the box, the usual periods, and behind a button every other filter the API has.
import { useId } from 'react'
import {
  Box,
  Button,
  Collapse,
  Group,
  NativeSelect,
  SegmentedControl,
  SimpleGrid,
  Stack,
} from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { ApplicationChoice } from '../../components/voximplant/application-choice.tsx'
import { useApplications } from '../../components/voximplant/queries.ts'
import { useCommon } from '../../words/common.ts'
import {
  CHOICE_NAMES,
  CHOICES,
  isDay,
  MAX_APPLICATION,
  NO_PERIOD,
  RANGES,
  readTrunks,
  trunkWords,
  type CallFilters,
  type Choice,
} from './call-search.ts'
import { choiceWords } from './choice-words.ts'
import { SearchBox } from './search-box.tsx'
import { TypedFilter } from './typed-filter.tsx'
import type { CallSearch } from './use-call-search.ts'
import { useCalls } from './words.ts'

const ANY = 'any'
/** Two days that somebody chose are none of these. */
const OTHER = 'other'

export function FilterBar({ filters, asked, change }: CallSearch) {
  const say = useCalls()
  const [isOpen, { toggle }] = useDisclosure(hasHidden(filters))
  const panel = useId()
  const { from, to, from_date: since, to_date: until } = filters
  const isOther = [from, to, since, until].some((one) => one !== undefined)
  return (
    <Stack gap="sm">
      <SearchBox asked={asked} onAsk={(text) => change({ asked: text })} />
      <Group gap="sm" justify="space-between">
        <SegmentedControl
          aria-label={say('range')}
          size="xs"
          value={filters.range ?? (isOther ? OTHER : ANY)}
          onChange={(value) => {
            const range = RANGES.find((one) => one === value)
            change({ filters: { ...NO_PERIOD, range } })
          }}
          data={[
            { value: ANY, label: say('any_time') },
            ...RANGES.map((value) => ({ value, label: say(value) })),
          ]}
        />
        <Button
          variant="default"
          size="xs"
          onClick={toggle}
          aria-expanded={isOpen}
          aria-controls={panel}
        >
          {say(isOpen ? 'fewer_filters' : 'more_filters')}
        </Button>
      </Group>
      <Collapse expanded={isOpen} id={panel}>
        <MoreFilters filters={filters} change={change} />
      </Collapse>
    </Stack>
  )
}

const hasHidden = (filters: CallFilters): boolean =>
  CHOICE_NAMES.some((name) => filters[name] !== undefined) ||
  [filters.from, filters.to, filters.application_id, filters.trunk].some((one) => one !== undefined)

const orNothing = (text: string): string | undefined => (text === '' ? undefined : text)
const isWholeDay = (text: string): boolean => text === '' || isDay(text)

function MoreFilters({ filters, change }: Pick<CallSearch, 'filters' | 'change'>) {
  const say = useCalls()
  const common = useCommon()
  const select = (name: Choice) => (
    <NativeSelect
      key={name}
      size="xs"
      label={say(name)}
      value={filters[name] ?? ''}
      onChange={(event) => change({ filters: { [name]: orNothing(event.currentTarget.value) } })}
      data={[
        { value: '', label: say('any') },
        ...CHOICES[name].map((value) => ({ value, label: choiceWords(value, common) })),
      ]}
    />
  )
  const day = (name: 'from' | 'to') => (
    <TypedFilter
      label={say(name)}
      type="date"
      value={filters[name] ?? ''}
      isReady={isWholeDay}
      onAsk={(text) => {
        const { from, to } = filters
        change({ filters: { ...NO_PERIOD, from, to, [name]: orNothing(text) } })
      }}
    />
  )
  return (
    <Box role="group" aria-label={say('filters')}>
      <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm" verticalSpacing="xs">
        {CHOICE_NAMES.map(select)}
        <TypedFilter
          label={say('trunk')}
          value={trunkWords(filters.trunk)}
          onAsk={(text) => change({ filters: { trunk: readTrunks(text) } })}
        />
        {day('from')}
        {day('to')}
        {filters.provider === 'voximplant' ? (
          <ByApplication filters={filters} change={change} />
        ) : (
          <TypedFilter
            label={say('application_id')}
            value={filters.application_id ?? ''}
            maxLength={MAX_APPLICATION}
            onAsk={(text) => change({ filters: { application_id: orNothing(text) } })}
          />
        )}
      </SimpleGrid>
    </Box>
  )
}

/** Theirs have names. */
function ByApplication({ filters, change }: Pick<CallSearch, 'filters' | 'change'>) {
  const { data } = useApplications()
  return (
    <ApplicationChoice
      applications={data?.items ?? []}
      value={filters.application_id ?? ''}
      onChange={(id) => change({ filters: { application_id: orNothing(id) } })}
      mayBeAll
    />
  )
}
