// The steps of a push, before and after.
import { Group, List, Text } from '@mantine/core'
import { CheckIcon, DashIcon, PencilIcon, PlusIcon, XIcon } from '@primer/octicons-react'
import type { PushPreview, PushResult } from '../../../components/voximplant/shapes.ts'
import { useApplications } from '../words.ts'

const ACTION_ICONS = { create: PlusIcon, update: PencilIcon, none: DashIcon } as const

export function PlannedSteps({ steps }: Pick<PushPreview, 'steps'>) {
  const say = useApplications()
  return (
    <div>
      <Text size="sm" fw={600} mb={4}>
        {say('will_do')}
      </Text>
      <List listStyleType="none" size="sm" spacing={4}>
        {steps.map(({ step, action, what }) => {
          const Icon = ACTION_ICONS[action]
          return (
            <List.Item key={step}>
              <Group gap={8} wrap="nowrap" align="flex-start">
                <Icon size={16} />
                <span>
                  {say(`step_${step}`)}: {say(`action_${action}`)}
                  {what !== '' && (
                    <Text span inherit c="dimmed">
                      {' '}
                      ({what})
                    </Text>
                  )}
                </span>
              </Group>
            </List.Item>
          )
        })}
      </List>
    </div>
  )
}

export function DoneSteps({ steps }: Pick<PushResult, 'steps'>) {
  const say = useApplications()
  return (
    <List listStyleType="none" size="sm" spacing={4} aria-label={say('done_steps')}>
      {steps.map(({ step, action, ok, detail }) => (
        <List.Item key={step}>
          <Group gap={8} wrap="nowrap" align="flex-start">
            {ok ? <CheckIcon size={16} /> : <XIcon size={16} />}
            <span>
              {say(`step_${step}`)}: {say(ok ? `did_${action}` : 'did_fail')}
              {detail !== null && detail !== '' && (
                <Text span inherit c="dimmed">
                  {' '}
                  ({detail})
                </Text>
              )}
            </span>
          </Group>
        </List.Item>
      ))}
    </List>
  )
}
