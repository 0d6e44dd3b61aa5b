// What can be done with an account.
import { Button, Group } from '@mantine/core'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { useAction } from '../../components/use-action.ts'
import { refreshAccounts } from '../../components/voximplant/queries.ts'
import { changeAccount, removeAccount, testAccount } from '../../components/voximplant/requests.ts'
import type { Account, Tested } from '../../components/voximplant/shapes.ts'
import { useMay } from '../../session/session.tsx'
import { useCommon } from '../../words/common.ts'
import { EditAccount } from './edit-account.tsx'
import { useSetup } from './words.ts'

interface AccountActionsProps {
  readonly account: Account
  readonly onTested: (tested: Tested | null) => void
}

const again = (): void => void refreshAccounts()

export function AccountActions({ account, onTested }: AccountActionsProps) {
  const say = useSetup()
  const common = useCommon()
  const may = useMay('admin')
  const { account_id: id, account_name: name, applications } = account
  const unavailable = may ? undefined : common('needs_admin')
  const test = useAction(() => testAccount(id), {
    onDone: (tested) => {
      onTested(tested)
      again()
    },
  })
  return (
    <Group gap="xs">
      <Button
        size="xs"
        loading={test.isRunning}
        disabled={!may || !account.is_active}
        title={unavailable}
        aria-label={say('test_of', { name })}
        onClick={() => {
          onTested(null)
          test.run()
        }}
      >
        {say('test')}
      </Button>
      <EditAccount account={account} unavailable={unavailable} />
      {account.is_active ? (
        <ConfirmButton
          size="xs"
          label={say('deactivate')}
          ariaLabel={say('deactivate_of', { name })}
          consequences={say('deactivate_what')}
          act={() => changeAccount(id, { is_active: false })}
          done={say('deactivated')}
          onDone={again}
          unavailable={unavailable}
        />
      ) : (
        <Activate account={account} unavailable={unavailable} />
      )}
      <ConfirmButton
        size="xs"
        label={common('remove')}
        ariaLabel={say('remove_of', { name })}
        consequences={say('remove_what')}
        typed={name}
        act={() => removeAccount(id)}
        done={say('removed')}
        onDone={again}
        unavailable={unavailable ?? (applications > 0 ? say('remove_first') : undefined)}
      />
    </Group>
  )
}

interface ActivateProps {
  readonly account: Account
  readonly unavailable: string | undefined
}

function Activate({ account, unavailable }: ActivateProps) {
  const say = useSetup()
  const action = useAction(() => changeAccount(account.account_id, { is_active: true }), {
    done: say('activated'),
    onDone: again,
  })
  return (
    <Button
      size="xs"
      variant="default"
      loading={action.isRunning}
      disabled={unavailable !== undefined}
      title={unavailable}
      aria-label={say('activate_of', { name: account.account_name })}
      onClick={() => action.run()}
    >
      {say('activate')}
    </Button>
  )
}
