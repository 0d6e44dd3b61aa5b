// Settings: a frame with tabs, each at an address of its own.
import type { ComponentType } from 'react'
import { useLocation } from 'wouter'
import { PageFrame } from '../../components/page-frame.tsx'
import { AuditTab } from './audit/audit-tab.tsx'
import { ErasuresTab } from './erasures/erasures-tab.tsx'
import { JobsTab } from './jobs/jobs-tab.tsx'
import { KeysTab } from './keys/keys-tab.tsx'
import { NodeTab } from './node/node-tab.tsx'
import { RetentionTab } from './retention/retention-tab.tsx'
import { SecretsTab } from './secrets/secrets-tab.tsx'
import { tabAt, type TabName } from './tab-paths.ts'
import { Tabs } from './tabs.tsx'
import { useSettings } from './words.ts'

const CONTENTS: Readonly<Record<TabName, ComponentType>> = {
  node: NodeTab,
  keys: KeysTab,
  retention: RetentionTab,
  erasures: ErasuresTab,
  audit: AuditTab,
  jobs: JobsTab,
  secrets: SecretsTab,
}

export function Component() {
  const say = useSettings()
  const [path] = useLocation()
  const here = tabAt(path)
  const Content = CONTENTS[here]
  const title = here === 'node' ? say('title') : say('title_of', { tab: say(here) })
  return (
    <PageFrame title={title}>
      <Tabs here={here} />
      <Content />
    </PageFrame>
  )
}
