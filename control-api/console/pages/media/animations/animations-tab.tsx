// The animations: who makes them, which there are, narrowed, paged and live; one of them with its steps.
import { Box, Button, Group, NativeSelect, SimpleGrid, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { FoundPage } from '../../../components/found-page.tsx'
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
  return (
    <FoundPage
      {...{ found, areEarlier, say }}
      pages={search.pages}
      isNarrowed={areAnimationsNarrowed(search.filters)}
      noneYet={<Empty title={say('none_yet')}>{say('none_yet_hint')}</Empty>}
    >
      <AnimationTable items={found.items} areEarlier={areEarlier} onOpen={onOpen} />
    </FoundPage>
  )
}
