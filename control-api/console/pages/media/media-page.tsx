// Media: photos and videos come in, photos are made to speak, and what comes of it is watched. Two tabs of one page.
import { useCallback, useState } from 'react'
import { Button } from '@mantine/core'
import { useLocation } from 'wouter'
import { useKeptSearch } from '../../components/kept-search.ts'
import { PageFrame } from '../../components/page-frame.tsx'
import { PageTabs } from '../../components/page-tabs.tsx'
import { useLive } from '../../live/live.tsx'
import { useMay } from '../../session/session.tsx'
import { useCommon } from '../../words/common.ts'
import { AnimateContext, type AnimateStart } from './animate/animate-context.ts'
import { AnimateDialog } from './animate/animate-dialog.tsx'
import { AnimationsTab } from './animations/animations-tab.tsx'
import { FilesTab } from './files/files-tab.tsx'
import { clearedFilters, readFilters, writeFilters } from './media-search.ts'
import { TAB_NAMES, TABS, type TabName } from './paths.ts'
import { MissingParts } from './providers/missing-parts.tsx'
import { hearMedia, useProviders } from './queries.ts'
import { useMediaWords } from './words.ts'

const KEPT = { read: readFilters, write: writeFilters, cleared: clearedFilters }

export function Component() {
  const say = useMediaWords()
  const [path] = useLocation()
  const here: TabName = path === TABS.animations ? 'animations' : 'files'
  const search = useKeptSearch(KEPT)
  const [asked, setAsked] = useState<AnimateStart | null>(null)
  const close = useCallback(() => setAsked(null), [])
  useLive(hearMedia)
  return (
    <AnimateContext value={setAsked}>
      <PageFrame
        title={say('title')}
        tabTitle={`${say(here)} · ${say('title')}`}
        actions={<Start onStart={() => setAsked({ photo: null })} />}
      >
        <Tabs here={here} memorialId={search.filters.memorial_id} />
        <MissingParts />
        {here === 'files' ? <FilesTab search={search} /> : <AnimationsTab search={search} />}
      </PageFrame>
      <AnimateDialog start={asked} onClose={close} />
    </AnimateContext>
  )
}

function Start({ onStart }: { readonly onStart: () => void }) {
  const say = useMediaWords()
  const common = useCommon()
  const may = useMay('operator')
  const { data: known } = useProviders()
  const lacks = known?.items.every(({ is_configured: is }) => !is) === true
  const why = may ? (lacks ? say('no_provider') : undefined) : common('needs_operator')
  return (
    <Button size="xs" onClick={onStart} disabled={why !== undefined} title={why}>
      {say('animate')}
    </Button>
  )
}

interface TabsProps {
  readonly here: TabName
  /** It is looked at from both sides. */
  readonly memorialId: string | undefined
}

function Tabs({ here, memorialId }: TabsProps) {
  const say = useMediaWords()
  return (
    <PageTabs
      label={say('tabs')}
      tabs={TAB_NAMES.map((name) => ({
        ...{ name, isHere: name === here, label: say(name) },
        href: `${TABS[name]}${writeFilters({ memorial_id: memorialId })}`,
      }))}
    />
  )
}
