// Set-up: the accounts of Voximplant, tested, changed, switched off and removed.
import { Stack, Text } from '@mantine/core'
import { Empty, Loaded } from '../../components/loaded.tsx'
import { useAccounts } from '../../components/voximplant/queries.ts'
import type { RehearsalAccount } from '../../components/voximplant/shapes.ts'
import { VoximplantFrame } from '../../components/voximplant/voximplant-frame.tsx'
import { useMay } from '../../session/session.tsx'
import { useCommon } from '../../words/common.ts'
import { AccountCard } from './account-card.tsx'
import { NEW_ACCOUNT } from './account-draft.ts'
import { AddAccount } from './add-account.tsx'
import { useSetup } from './words.ts'

export function Component() {
  const say = useSetup()
  const common = useCommon()
  const may = useMay('admin')
  const query = useAccounts()
  return (
    <VoximplantFrame
      here="setup"
      actions={
        <AddAccount label={say('add')} unavailable={may ? undefined : common('needs_admin')} />
      }
    >
      <Text size="sm" c="dimmed" maw={760}>
        {say('about')}
      </Text>
      <Loaded query={query}>
        {({ items, rehearsal_account: rehearsal }) =>
          items.length === 0 ? (
            <NoneYet rehearsal={rehearsal} />
          ) : (
            <Stack gap="md" role="list" aria-label={say('list')}>
              {items.map((account) => (
                <AccountCard key={account.account_id} account={account} />
              ))}
            </Stack>
          )
        }
      </Loaded>
    </VoximplantFrame>
  )
}

function NoneYet({ rehearsal }: { readonly rehearsal: RehearsalAccount | null }) {
  const say = useSetup()
  const may = useMay('admin')
  return (
    <Empty title={say('none')}>
      <Stack align="center" gap="sm">
        {say('none_hint')}
        {!may && <Text size="sm">{say('none_for_others')}</Text>}
        {may && rehearsal !== null && (
          <>
            <Text size="sm">{say('rehearsal_hint')}</Text>
            <AddAccount
              label={say('fill_in')}
              initial={{
                ...NEW_ACCOUNT,
                name: say('simulated'),
                accountId: rehearsal.account_id,
                apiKey: rehearsal.api_key,
              }}
            />
          </>
        )}
      </Stack>
    </Empty>
  )
}
