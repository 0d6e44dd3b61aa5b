// Call history: the calls of one application at Voximplant, with their sound and words, and how they get here.
import { useQuery } from '@tanstack/react-query'
import { FoundPage } from '../../components/found-page.tsx'
import { useKeptSearch, type KeptSearch } from '../../components/kept-search.ts'
import { Empty, Loaded } from '../../components/loaded.tsx'
import { useScrollBack } from '../../components/use-scroll-back.ts'
import { NoAccounts, NoApplications } from '../../components/voximplant/nothing-yet.tsx'
import { useAccounts, useApplications } from '../../components/voximplant/queries.ts'
import type { Application } from '../../components/voximplant/shapes.ts'
import { VoximplantFrame } from '../../components/voximplant/voximplant-frame.tsx'
import { foundCallsOptions, type FoundCalls } from '../calls/found-calls.ts'
import { FilterBar } from './filter-bar.tsx'
import {
  historyBody,
  isNarrowed,
  readFilters,
  writeFilters,
  type HistoryFilters,
} from './history-search.ts'
import { HistoryTable } from './history-table.tsx'
import { SyncCard } from './syncs/sync-card.tsx'
import { useHistory } from './words.ts'

export function Component() {
  const accounts = useAccounts()
  const applications = useApplications()
  return (
    <VoximplantFrame here="history">
      <Loaded query={applications}>
        {({ items }) =>
          items.length > 0 ? (
            <History applications={items} />
          ) : (
            <Loaded query={accounts}>
              {({ items: known }) => (known.length === 0 ? <NoAccounts /> : <NoApplications />)}
            </Loaded>
          )
        }
      </Loaded>
    </VoximplantFrame>
  )
}

const KEPT = {
  read: readFilters,
  write: writeFilters,
  // Whose calls they are is no narrowing.
  cleared: ({ application_id: id }: HistoryFilters): HistoryFilters =>
    id === undefined ? {} : { application_id: id },
}

function History({ applications }: { readonly applications: readonly Application[] }) {
  const search = useKeptSearch(KEPT)
  const { filters, asked, pages } = search
  const applicationId = filters.application_id ?? applications[0]?.application_id ?? ''
  const query = useQuery(
    foundCallsOptions(historyBody({ filters, applicationId, asked, cursor: pages.cursor })),
  )
  useScrollBack(search.scroll, query.data !== undefined)
  return (
    <>
      <FilterBar search={search} applications={applications} applicationId={applicationId} />
      <SyncCard key={applicationId} applicationId={applicationId} />
      <Loaded query={query}>
        {(found) => <Found found={found} search={search} areEarlier={query.isPlaceholderData} />}
      </Loaded>
    </>
  )
}

interface FoundProps {
  readonly found: FoundCalls
  readonly search: KeptSearch<HistoryFilters>
  readonly areEarlier: boolean
}

function Found({ found, search, areEarlier }: FoundProps) {
  const say = useHistory()
  const { pages, filters, asked, clear } = search
  return (
    <FoundPage
      {...{ found, pages, areEarlier, clear, say }}
      isNarrowed={isNarrowed(filters, asked)}
      noneYet={<Empty title={say('none')}>{say('none_hint')}</Empty>}
    >
      <HistoryTable found={found.items} areEarlier={areEarlier} />
    </FoundPage>
  )
}
