// How long it may ring, and last.
import { Stack } from '@mantine/core'
import type { FieldsProps } from '../dial-fields.tsx'
import {
  DEFAULT_DURATION_SECONDS,
  DEFAULT_RING_SECONDS,
  DURATION_SECONDS,
  RING_SECONDS,
} from '../dial-form.ts'
import { useDialWords } from '../words.ts'
import { AmountField } from './amount-field.tsx'

export function Limits({ form, change, refusals }: FieldsProps) {
  const say = useDialWords()
  return (
    <Stack gap="sm">
      <AmountField
        label={say('ring')}
        hint={say('ring_hint', { usual: DEFAULT_RING_SECONDS })}
        usual={DEFAULT_RING_SECONDS}
        value={form.ring_timeout_seconds}
        onChange={(seconds) => change({ ring_timeout_seconds: seconds })}
        {...RING_SECONDS}
        error={refusals.ring_timeout_seconds}
      />
      <AmountField
        label={say('duration')}
        hint={say('duration_hint', { usual: DEFAULT_DURATION_SECONDS })}
        usual={DEFAULT_DURATION_SECONDS}
        value={form.max_duration_seconds}
        onChange={(seconds) => change({ max_duration_seconds: seconds })}
        {...DURATION_SECONDS}
        error={refusals.max_duration_seconds}
      />
    </Stack>
  )
}
