// What a key may do at Voximplant, in words: what it may not is read first.
import type { ComponentType } from 'react'
import { Group, Stack, Text } from '@mantine/core'
import { CheckIcon, QuestionIcon, XIcon } from '@primer/octicons-react'
import type { Permissions } from '../../components/voximplant/shapes.ts'
import classes from './setup.module.css'
import { useSetup } from './words.ts'

type Permission = Permissions[string]

const ICONS: Readonly<Record<Permission, ComponentType<{ readonly size?: number }>>> = {
  forbidden: XIcon,
  allowed: CheckIcon,
  unknown: QuestionIcon,
}

/** In this order. */
const KNOWN = [
  'GetAccountInfo',
  'GetApplications',
  'GetRules',
  'GetScenarios',
  'GetPhoneNumbers',
  'GetCallHistory',
  'GetSecrets',
  'StartScenarios',
  'AddScenario',
  'SetScenarioInfo',
  'AddRule',
  'BindScenario',
  'AddSecret',
  'SetSecretInfo',
  'DeleteRecord',
] as const
type Known = (typeof KNOWN)[number]

const isKnown = (command: string): command is Known => KNOWN.some((one) => one === command)

export function PermissionList({ permissions }: { readonly permissions: Permissions }) {
  const all = Object.keys(permissions)
  const commands = [
    ...KNOWN.filter((one) => all.includes(one)),
    ...all.filter((one) => !isKnown(one)),
  ]
  return (
    <Stack gap="xs">
      {(['forbidden', 'allowed', 'unknown'] as const).map((permission) => (
        <Commands
          key={permission}
          permission={permission}
          commands={commands.filter((one) => permissions[one] === permission)}
        />
      ))}
    </Stack>
  )
}

interface CommandsProps {
  readonly permission: Permission
  readonly commands: readonly string[]
}

function Commands({ permission, commands }: CommandsProps) {
  const say = useSetup()
  const Icon = ICONS[permission]
  if (commands.length === 0) return null
  return (
    <div>
      <Group gap={6} wrap="nowrap" mb={2}>
        <span className={classes['mark']} data-permission={permission}>
          <Icon size={16} />
        </span>
        <Text size="sm" fw={600}>
          {say(permission)}
        </Text>
      </Group>
      <ul className={classes['commands']} aria-label={say(permission)}>
        {commands.map((command) => (
          <li key={command}>{isKnown(command) ? say(`can-${command}`) : command}</li>
        ))}
      </ul>
    </div>
  )
}
