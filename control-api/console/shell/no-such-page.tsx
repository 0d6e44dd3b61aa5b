// An address that leads nowhere.
import { Empty } from '../components/loaded.tsx'
import { PageFrame } from '../components/page-frame.tsx'
import { useShell } from './words.ts'

export function NoSuchPage() {
  const say = useShell()
  return (
    <PageFrame title={say('no_such_page')}>
      <Empty title={say('no_such_page')}>{say('no_such_page_hint')}</Empty>
    </PageFrame>
  )
}
