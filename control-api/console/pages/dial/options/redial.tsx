// Whether it is dialled again when nobody is reached.
import { Checkbox, Group, Input, Stack } from '@mantine/core'
import { useCommon } from '../../../words/common.ts'
import type { FieldsProps } from '../dial-fields.tsx'
import { AFTER_MINUTES, ATTEMPTS, faultsOf, RETRIED_OUTCOMES } from '../dial-form.ts'
import { useDialWords } from '../words.ts'
import { AmountField } from './amount-field.tsx'

export function Redial({ form, change, refusals }: FieldsProps) {
  const say = useDialWords()
  const common = useCommon()
  const faults = faultsOf(form)
  const secret = faults.has('retry_secret') ? say('retry_secret') : undefined
  return (
    <Stack gap="sm">
      <Checkbox
        label={say('retry_label')}
        description={say('retry_hint')}
        checked={form.retries}
        onChange={(event) => change({ retries: event.currentTarget.checked })}
      />
      {form.retries && (
        <>
          <Group gap="md" align="flex-start">
            <AmountField
              label={say('retry_attempts')}
              value={form.retry_attempts}
              onChange={(count) => change({ retry_attempts: count ?? ATTEMPTS.min })}
              {...ATTEMPTS}
            />
            <AmountField
              label={say('retry_after')}
              value={form.retry_after_minutes}
              onChange={(minutes) => change({ retry_after_minutes: minutes ?? AFTER_MINUTES.min })}
              {...AFTER_MINUTES}
            />
          </Group>
          <Checkbox.Group
            label={say('retry_on')}
            value={[...form.retry_on]}
            onChange={(values) => change({ retry_on: values })}
            error={faults.has('retry_on') ? say('retry_on_none') : undefined}
          >
            <Group gap="md" mt={6}>
              {RETRIED_OUTCOMES.map((outcome) => (
                <Checkbox
                  key={outcome}
                  value={outcome}
                  label={common(outcome === 'failed' ? 'outcome_failed' : outcome)}
                />
              ))}
            </Group>
          </Checkbox.Group>
        </>
      )}
      {(refusals.retry ?? secret) !== undefined && (
        <Input.Error>{refusals.retry ?? secret}</Input.Error>
      )}
    </Stack>
  )
}
