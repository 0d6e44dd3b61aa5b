// Where one is among the settings, and which parts need more than one's key may do.
import { VisuallyHidden } from '@mantine/core'
import { LockIcon } from '@primer/octicons-react'
import { PageTabs } from '../../components/page-tabs.tsx'
import { useMay } from '../../session/session.tsx'
import { TAB_NAMES, TABS, type TabName } from './tab-paths.ts'
import { useSettings } from './words.ts'

const FOR_EVERYBODY: ReadonlySet<TabName> = new Set<TabName>(['node', 'retention'])

export function Tabs({ here }: { readonly here: TabName }) {
  const say = useSettings()
  return (
    <PageTabs
      label={say('tabs')}
      tabs={TAB_NAMES.map((name) => ({
        ...{ name, href: TABS[name], isHere: name === here },
        label: <Label name={name} />,
      }))}
    />
  )
}

function Label({ name }: { readonly name: TabName }) {
  const say = useSettings()
  const may = useMay('admin')
  return (
    <>
      {say(name)}
      {!may && !FOR_EVERYBODY.has(name) && (
        <>
          <LockIcon size={12} />
          <VisuallyHidden>{say('for_admins')}</VisuallyHidden>
        </>
      )}
    </>
  )
}
