// Before there is an account, or an application: what to do first.
import { Button, Stack } from '@mantine/core'
import { Link } from 'wouter'
import { Empty } from '../loaded.tsx'
import { TABS } from './paths.ts'
import { useVoximplant } from './words.ts'

export function NoAccounts() {
  const say = useVoximplant()
  return (
    <Empty title={say('no_accounts')}>
      <Stack align="center" gap="sm">
        {say('no_accounts_hint')}
        <Button size="xs" component={Link} href={TABS.setup}>
          {say('to_setup')}
        </Button>
      </Stack>
    </Empty>
  )
}

export function NoApplications() {
  const say = useVoximplant()
  return (
    <Empty title={say('no_applications')}>
      <Stack align="center" gap="sm">
        {say('no_applications_hint')}
        <Button size="xs" component={Link} href={TABS.applications}>
          {say('to_applications')}
        </Button>
      </Stack>
    </Empty>
  )
}
