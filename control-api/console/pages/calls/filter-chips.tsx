// What the list is narrowed to, each to be removed by a click.
import { Button, Group, Text } from '@mantine/core'
import { XIcon } from '@primer/octicons-react'
import { useCommon } from '../../words/common.ts'
import { moment } from '../../words/amounts.ts'
import { locale } from '../../words/language.ts'
import { CHOICE_NAMES, decodeAsked, startOfDay, trunkWords } from './call-search.ts'
import { choiceWords } from './choice-words.ts'
import type { CallSearch } from './use-call-search.ts'
import { useCalls } from './words.ts'

interface Chip {
  readonly key: string
  readonly label: string
  readonly remove: () => void
}

/** What is looked for in spite of no filter is everything: nothing is shown then. */
export function FilterChips({ search }: { readonly search: CallSearch }) {
  const say = useCalls()
  const common = useCommon()
  const chips = useChips(search)
  if (chips.length === 0) return null
  return (
    <Group gap="xs" role="group" aria-label={say('active')}>
      <Text size="sm" c="dimmed" aria-hidden="true">
        {say('active')}
      </Text>
      {chips.map(({ key, label, remove }) => (
        <Button
          key={key}
          size="compact-sm"
          variant="light"
          fw={500}
          rightSection={<XIcon size={12} />}
          aria-label={say('without', { filter: label })}
          onClick={remove}
          maw="100%"
        >
          {label}
        </Button>
      ))}
      <Button size="compact-sm" variant="subtle" onClick={search.clear}>
        {common('clear')}
      </Button>
    </Group>
  )
}

function useChips({ filters, asked, change }: CallSearch): readonly Chip[] {
  const say = useCalls()
  const common = useCommon()
  const named = (name: keyof typeof filters, title: string, value: string | undefined): Chip[] =>
    value === undefined
      ? []
      : [
          {
            key: name,
            label: `${title}: ${value}`,
            remove: () => change({ filters: { [name]: undefined } }),
          },
        ]
  const typed = decodeAsked(asked)
  const ofBox = (title: string, value: string): Chip[] => [
    { key: 'asked', label: `${title}: ${value}`, remove: () => change({ asked: '' }) },
  ]
  return [
    ...(typed.kind === 'number' ? ofBox(say('number'), typed.number) : []),
    ...(typed.kind === 'words' ? ofBox(say('words'), typed.text) : []),
    ...named('range', say('range'), filters.range && say(filters.range)),
    ...named('from', say('from'), filters.from && dayWords(filters.from)),
    ...named('to', say('to'), filters.to && dayWords(filters.to)),
    ...named('from_date', say('from_date'), filters.from_date && moment(filters.from_date)),
    ...named('to_date', say('to_date'), filters.to_date && moment(filters.to_date)),
    ...CHOICE_NAMES.flatMap((name) => {
      const value = filters[name]
      return named(name, say(name), value && choiceWords(value, common))
    }),
    ...named('trunk', say('trunk'), filters.trunk && trunkWords(filters.trunk)),
    ...named('application_id', say('application_id'), filters.application_id),
  ]
}

const dayWords = (day: string): string =>
  startOfDay(day)?.toLocaleDateString(locale(), { dateStyle: 'medium' }) ?? day
