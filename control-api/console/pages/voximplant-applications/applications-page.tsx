// Applications: of each account, what answers its numbers.
import { Stack, Text, Title } from '@mantine/core'
import { Empty, Loaded } from '../../components/loaded.tsx'
import { NoAccounts } from '../../components/voximplant/nothing-yet.tsx'
import { useAccounts, useApplications as useList } from '../../components/voximplant/queries.ts'
import type { Account, Application } from '../../components/voximplant/shapes.ts'
import { VoximplantFrame } from '../../components/voximplant/voximplant-frame.tsx'
import { ApplicationCard } from './application-card.tsx'
import { CreateApplication } from './form/edit-dialogs.tsx'
import { useApplications } from './words.ts'

export function Component() {
  const say = useApplications()
  const accounts = useAccounts()
  const applications = useList()
  return (
    <VoximplantFrame
      here="applications"
      actions={<CreateApplication accounts={accounts.data?.items ?? []} />}
    >
      <Text size="sm" c="dimmed" maw={760}>
        {say('about')}
      </Text>
      <Loaded query={accounts}>
        {({ items: known }) =>
          known.length === 0 ? (
            <NoAccounts />
          ) : (
            <Loaded query={applications}>
              {({ items }) => <Accounts accounts={known} applications={items} />}
            </Loaded>
          )
        }
      </Loaded>
    </VoximplantFrame>
  )
}

interface AccountsProps {
  readonly accounts: readonly Account[]
  readonly applications: readonly Application[]
}

function Accounts({ accounts, applications }: AccountsProps) {
  const say = useApplications()
  if (applications.length === 0)
    return (
      <Empty title={say('none')}>
        <Stack align="center" gap="sm">
          {say('none_hint')}
        </Stack>
      </Empty>
    )
  return accounts.map((account) => {
    const own = applications.filter((one) => one.account === account.account_id)
    return (
      own.length > 0 && (
        <Stack key={account.account_id} gap="sm" component="section">
          <Title order={2} size="h5">
            {say('of_account', { name: account.account_name })}
          </Title>
          <Stack gap="md" role="list" aria-label={say('list_of', { name: account.account_name })}>
            {own.map((application) => (
              <ApplicationCard key={application.application_id} application={application} />
            ))}
          </Stack>
        </Stack>
      )
    )
  })
}
