// One account: whose it is, what is left on it, what its key may do.
import { useId, useState } from 'react'
import { Anchor, Badge, Button, Card, Collapse, Group, Stack, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Link } from 'wouter'
import { FactList } from '../../components/fact-list.tsx'
import { Moment } from '../../components/moment.tsx'
import { TABS } from '../../components/voximplant/paths.ts'
import type { Account, Tested } from '../../components/voximplant/shapes.ts'
import { number } from '../../words/amounts.ts'
import { useCommon } from '../../words/common.ts'
import { useKeyName } from '../call/head/key-name.ts'
import { AccountActions } from './account-actions.tsx'
import { PermissionList } from './permissions.tsx'
import { balanceWords, TestedAnswer } from './tested-answer.tsx'
import { useSetup } from './words.ts'

export function AccountCard({ account }: { readonly account: Account }) {
  const say = useSetup()
  const [tested, setTested] = useState<Tested | null>(null)
  return (
    <Card withBorder role="listitem">
      <Stack gap="md">
        <Group gap="sm" justify="space-between" align="flex-start">
          <Group gap="sm" miw={0}>
            <Title order={2} size="h4" style={{ overflowWrap: 'anywhere' }}>
              {account.account_name}
            </Title>
            <Badge variant="light" color={account.is_active ? 'teal' : 'gray'}>
              {say(account.is_active ? 'active' : 'inactive')}
            </Badge>
          </Group>
          <AccountActions account={account} onTested={setTested} />
        </Group>
        <Facts account={account} />
        {tested === null ? <WhatKeyMay account={account} /> : <TestedAnswer tested={tested} />}
      </Stack>
    </Card>
  )
}

function Facts({ account }: { readonly account: Account }) {
  const say = useSetup()
  const common = useCommon()
  const { created_by: createdBy } = account
  const key = useKeyName(createdBy === 'rehearsal' ? null : createdBy)
  return (
    <FactList
      facts={[
        { name: say('vendor_id'), value: account.vendor_account_id },
        { name: say('vendor_name'), value: account.vendor_name ?? common('unknown') },
        {
          name: say('balance'),
          value: balanceWords(account.balance, account.currency) ?? common('unknown'),
        },
        { name: say('kind'), value: say(`kind_${account.credential}`) },
        { name: say('owner'), value: key ?? common('none') },
        {
          name: say('last_test'),
          value:
            account.tested_at === null ? say('never_tested') : <Moment at={account.tested_at} />,
        },
        {
          name: say('applications'),
          value: (
            <Anchor component={Link} href={TABS.applications} size="sm">
              {number(account.applications)}
            </Anchor>
          ),
        },
      ]}
    />
  )
}

function WhatKeyMay({ account: { account_name: name, permissions } }: { account: Account }) {
  const say = useSetup()
  const panel = useId()
  const [isOpen, { toggle }] = useDisclosure()
  if (permissions === null)
    return (
      <Text size="sm" c="dimmed">
        {say('what_key_may')}: {say('not_known')}
      </Text>
    )
  return (
    <div>
      <Button
        size="compact-sm"
        variant="subtle"
        onClick={toggle}
        aria-expanded={isOpen}
        aria-controls={panel}
        aria-label={`${say('what_key_may')}: ${name}`}
      >
        {say('what_key_may')}
      </Button>
      <Collapse expanded={isOpen} id={panel}>
        <PermissionList permissions={permissions} />
      </Collapse>
    </div>
  )
}
