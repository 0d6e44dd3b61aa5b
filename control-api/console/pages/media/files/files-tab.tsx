// The photos and videos that are kept, narrowed, paged and live; above them, how more come in.
import { useCallback } from 'react'
import { Box, Button, Group, NativeSelect, SimpleGrid, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { FoundPage } from '../../../components/found-page.tsx'
import type { KeptSearch } from '../../../components/kept-search.ts'
import { Empty, Loaded } from '../../../components/loaded.tsx'
import { useCommon } from '../../../words/common.ts'
import { TypedFilter } from '../../calls/typed-filter.tsx'
import {
  isMediaNarrowed,
  isMemorialId,
  MAX_MEMORIAL,
  mediaQuery,
  oneOf,
  uploadTarget,
  type MediaFilters,
} from '../media-search.ts'
import { OPEN_FILE } from '../paths.ts'
import { mediaOptions } from '../queries.ts'
import { MEDIA_KINDS, type MediaPage } from '../shapes.ts'
import { UploadCard } from '../upload/upload-card.tsx'
import { useOpened } from '../use-opened.ts'
import { MediaDialog } from './media-dialog.tsx'
import { MediaGrid } from './media-grid.tsx'
import { useFilesWords } from './words.ts'

export function FilesTab({ search }: { readonly search: KeptSearch<MediaFilters> }) {
  const { filters, pages, change } = search
  const query = useQuery(mediaOptions(mediaQuery(filters, pages.cursor)))
  const opened = useOpened(OPEN_FILE)
  const aim = useCallback((to: string) => change({ filters: { to } }), [change])
  return (
    <Stack gap="md">
      <UploadCard memorialId={uploadTarget(filters)} onMemorial={aim} />
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
      <MediaDialog id={opened.id} onClose={opened.close} />
    </Stack>
  )
}

function FilterBar({ search }: { readonly search: KeptSearch<MediaFilters> }) {
  const say = useFilesWords()
  const common = useCommon()
  const { filters, change, clear } = search
  return (
    <Box role="group" aria-label={say('filters')}>
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }} spacing="sm" verticalSpacing="xs">
        <TypedFilter
          label={say('memorial')}
          value={filters.memorial_id ?? ''}
          maxLength={MAX_MEMORIAL}
          isReady={(text) => text === '' || isMemorialId(text)}
          onAsk={(text) => change({ filters: { memorial_id: text === '' ? undefined : text } })}
        />
        <NativeSelect
          size="xs"
          label={say('kind')}
          value={filters.kind ?? ''}
          onChange={(event) =>
            change({ filters: { kind: oneOf(MEDIA_KINDS, event.currentTarget.value) } })
          }
          data={[
            { value: '', label: say('any_kind') },
            ...MEDIA_KINDS.map((value) => ({ value, label: say(`kind_${value}`) })),
          ]}
        />
      </SimpleGrid>
      {isMediaNarrowed(filters) && (
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
  readonly found: MediaPage
  readonly search: KeptSearch<MediaFilters>
  readonly areEarlier: boolean
  readonly onOpen: (id: string) => void
}

function Found({ found, search, areEarlier, onOpen }: FoundProps) {
  const say = useFilesWords()
  return (
    <FoundPage
      {...{ found, areEarlier, say }}
      pages={search.pages}
      isNarrowed={isMediaNarrowed(search.filters)}
      noneYet={<Empty title={say('none_yet')}>{say('none_yet_hint')}</Empty>}
    >
      <MediaGrid items={found.items} areEarlier={areEarlier} onOpen={onOpen} />
    </FoundPage>
  )
}
