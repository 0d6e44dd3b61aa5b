// The animations: who makes them, which there are, narrowed, paged and live; one of them with its steps.
import { Box, Button, Group, Loader, NativeSelect, SimpleGrid, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Pager } from '../../../components/cursor-pages.tsx'
import type { KeptSearch } from '../../../components/kept-search.ts'
import { Empty, Loaded } from '../../../components/loaded.tsx'
import { useCommon } from '../../../words/common.ts'
import { TypedFilter } from '../../calls/typed-filter.tsx'
import {
  animationQuery,
  areAnimationsNarrowed,
  isMemorialId,
  MAX_MEMORIAL,
  oneOf,
  type MediaFilters,
} from '../media-search.ts'
import { OPEN_ANIMATION } from '../paths.ts'
import { ProviderCards } from '../providers/provider-cards.tsx'
import { animationsOptions } from '../queries.ts'
import { PROVIDER_NAMES, PROVIDERS, STATUSES, type AnimationPage } from '../shapes.ts'
import { useOpened } from '../use-opened.ts'
import { AnimationDialog } from './animation-dialog.tsx'
import { AnimationTable } from './animation-table.tsx'
import { useAnimationWords } from './words.ts'

export function AnimationsTab({ search }: { readonly search: KeptSearch<MediaFilters> }) {
  const { filters, pages } = search
  const query = useQuery(animationsOptions(animationQuery(filters, pages.cursor)))
  const opened = useOpened(OPEN_ANIMATION)
  return (
    <Stack gap="md">
      <ProviderCards />
      <FilterBar search={search} />
      <Loaded query={query}>
        {(found) => (
          <Found
            found={found}
            search={search}
            areEarlier={query.isPlaceholderData}
            onOpen={opened.open}
          />
        )}
      </Loaded>
      <AnimationDialog id={opened.id} onClose={opened.close} />
    </Stack>
  )
}

function FilterBar({ search }: { readonly search: KeptSearch<MediaFilters> }) {
  const say = useAnimationWords()
  const common = useCommon()
  const { filters, change, clear } = search
  return (
    <Box role="group" aria-label={say('filters')}>
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }} spacing="sm" verticalSpacing="xs">
        <NativeSelect
          size="xs"
          label={say('status')}
          value={filters.status ?? ''}
          onChange={(event) =>
            change({ filters: { status: oneOf(STATUSES, event.currentTarget.value) } })
          }
          data={[
            { value: '', label: common('all') },
            ...STATUSES.map((value) => ({ value, label: say(`status_${value}`) })),
          ]}
        />
        <NativeSelect
          size="xs"
          label={say('provider')}
          value={filters.provider ?? ''}
          onChange={(event) =>
            change({ filters: { provider: oneOf(PROVIDERS, event.currentTarget.value) } })
          }
          data={[
            { value: '', label: common('all') },
            ...PROVIDERS.map((value) => ({ value, label: PROVIDER_NAMES[value] })),
          ]}
        />
        <TypedFilter
          label={say('memorial')}
          value={filters.memorial_id ?? ''}
          maxLength={MAX_MEMORIAL}
          isReady={(text) => text === '' || isMemorialId(text)}
          onAsk={(text) => change({ filters: { memorial_id: text === '' ? undefined : text } })}
        />
      </SimpleGrid>
      {areAnimationsNarrowed(filters) && (
        <Group mt="xs">
          <Button size="compact-sm" variant="subtle" onClick={clear}>
            {common('clear')}
          </Button>
        </Group>
      )}
    </Box>
  )
}

interface FoundProps {
  readonly found: AnimationPage
  readonly search: KeptSearch<MediaFilters>
  readonly areEarlier: boolean
  readonly onOpen: (id: string) => void
}

function Found({ found, search, areEarlier, onOpen }: FoundProps) {
  const say = useAnimationWords()
  const { items, next_cursor: nextCursor } = found
  const { pages, filters } = search
  if (items.length === 0 && !areEarlier && pages.number === 1)
    return areAnimationsNarrowed(filters) ? (
      <Empty title={say('none_found')}>{say('none_found_hint')}</Empty>
    ) : (
      <Empty title={say('none_yet')}>{say('none_yet_hint')}</Empty>
    )
  return (
    <Stack gap="xs">
      <Group gap="xs" mih={22} role="status">
        {areEarlier && <Loader size={14} />}
        <Text size="sm" c="dimmed">
          {say(areEarlier ? 'searching' : pages.number === 1 ? 'live' : 'past')}
        </Text>
      </Group>
      <AnimationTable items={items} areEarlier={areEarlier} onOpen={onOpen} />
      <Pager pages={pages} nextCursor={areEarlier ? null : nextCursor} />
    </Stack>
  )
}
