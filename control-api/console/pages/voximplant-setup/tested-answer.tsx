// What the vendor answered to a test: whose account it is, what is left on it, what the key may do.
import { Alert, Stack, Text } from '@mantine/core'
import { FactList } from '../../components/fact-list.tsx'
import type { Tested } from '../../components/voximplant/shapes.ts'
import { money } from '../../words/amounts.ts'
import { useCommon } from '../../words/common.ts'
import { PermissionList } from './permissions.tsx'
import { useSetup } from './words.ts'

/** As the vendor writes it, when it names no currency. */
export function balanceWords(balance: number | null, currency: string | null): string | undefined {
  if (balance === null) return undefined
  return currency === null ? String(balance) : money(balance * 100, currency)
}

export function TestedAnswer({ tested }: { readonly tested: Tested }) {
  const say = useSetup()
  const common = useCommon()
  const isTroubled = tested.is_frozen || !tested.is_active
  return (
    <Stack gap="sm">
      <Alert
        color={isTroubled ? 'yellow' : 'teal'}
        title={say(isTroubled ? 'works_but' : 'works')}
        role="status"
      >
        <Stack gap="sm">
          {tested.is_frozen && <Text size="sm">{say('frozen')}</Text>}
          {!tested.is_active && <Text size="sm">{say('not_active')}</Text>}
          <FactList
            facts={[
              {
                name: say('vendor_name'),
                value: [tested.vendor_name, tested.email].filter(Boolean).join(', '),
              },
              {
                name: say('balance'),
                value: balanceWords(tested.balance, tested.currency) ?? common('unknown'),
              },
            ]}
          />
        </Stack>
      </Alert>
      <div>
        <Text size="sm" fw={600} mb={4}>
          {say('what_key_may')}
        </Text>
        <PermissionList permissions={tested.permissions} />
      </div>
    </Stack>
  )
}
