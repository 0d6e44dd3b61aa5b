// Trunks: whether each is registered and reached, what it carries now and today, and which numbers it is dialled for.
import { Alert, Code, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import {
  getSettingsOptions,
  getStatisticsOptions,
} from '../../api/generated/@tanstack/react-query.gen.ts'
import type { GetStatisticsResponse } from '../../api/generated/types.gen.ts'
import { Empty, Loaded } from '../../components/loaded.tsx'
import { PageFrame } from '../../components/page-frame.tsx'
import { useTrunks } from '../../components/use-trunks.ts'
import { viewerTimeZone } from '../../words/amounts.ts'
import { TrunkCard } from './trunk-card.tsx'
import { useTrunkWords } from './words.ts'

export type TrunkDay = GetStatisticsResponse['items'][number]

const SET_UP = `cp sip-config/trunks/generic-pbx.yaml sip-config/trunks.yaml
npm run doctor`

export function Component() {
  const say = useTrunkWords()
  const query = useTrunks()
  const settings = useQuery(getSettingsOptions())
  const isRehearsal = settings.data?.rehearsal === true
  return (
    <PageFrame title={say('title')}>
      <Loaded query={query}>
        {({ items, sip_server_away: isAway }) => (
          <Stack gap="md">
            {isAway && (
              <Alert color="red" title={say('sip_away')} role="alert">
                {say('sip_away_what')}
              </Alert>
            )}
            {items.length === 0 ? (
              <Empty title={say('none')}>
                <HowTo about={say('none_what')} />
              </Empty>
            ) : (
              <>
                <Text size="sm" c="dimmed">
                  {say('about')}
                </Text>
                <TrunkList trunks={items} />
                {isRehearsal && <HowTo about={say('rehearsal')} />}
              </>
            )}
          </Stack>
        )}
      </Loaded>
    </PageFrame>
  )
}

type Trunks = NonNullable<ReturnType<typeof useTrunks>['data']>['items']

function TrunkList({ trunks }: { readonly trunks: Trunks }) {
  const say = useTrunkWords()
  const today = useToday()
  return (
    <Stack gap="sm" role="list" aria-label={say('list')}>
      {trunks.map((trunk) => (
        <TrunkCard
          key={trunk.name}
          trunk={trunk}
          all={trunks}
          today={today && (today.find(({ key }) => key === trunk.name) ?? null)}
        />
      ))}
    </Stack>
  )
}

/** Undefined until it is known; what goes wrong with it takes nothing from the rest of the page. */
function useToday(): readonly TrunkDay[] | undefined {
  const now = new Date()
  const day = new Date(now.getFullYear(), now.getMonth(), now.getDate()).toISOString()
  const query = { from_date: day, time_zone: viewerTimeZone(), group_by: 'trunk' } as const
  return useQuery(getStatisticsOptions({ query })).data?.items
}

function HowTo({ about }: { readonly about: string }) {
  const say = useTrunkWords()
  return (
    <Stack gap="xs" ta="start">
      <Text size="sm">{about}</Text>
      <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {SET_UP}
      </Code>
      <Text size="sm" c="dimmed">
        {say('none_more')}
      </Text>
    </Stack>
  )
}
