// By whom the call goes, and who talks to whoever picks up.
import { Box, Input, NativeSelect, SegmentedControl, Text } from '@mantine/core'
import { providerName } from '../../components/provider-name.ts'
import type { FieldsProps } from './dial-fields.tsx'
import { ANSWER_WITH, type Provider } from './dial-form.ts'
import { useWayWords } from './way-words.ts'

const PROVIDERS: readonly Provider[] = ['sip', 'twilio']

/** Only where there is something to choose. */
export function ProviderField({ form, change, refusals }: FieldsProps) {
  const say = useWayWords()
  return (
    <Box>
      <Input.Label component="div" id="dial-provider">
        {say('provider')}
      </Input.Label>
      <SegmentedControl
        fullWidth
        aria-labelledby="dial-provider"
        value={form.provider}
        onChange={(value) => change({ provider: PROVIDERS.find((one) => one === value) ?? 'sip' })}
        data={PROVIDERS.map((value) => ({ value, label: providerName(value) }))}
      />
      {refusals.provider === undefined ? (
        <Text size="xs" c="dimmed" mt={4}>
          {say(`provider_${form.provider}`)}
        </Text>
      ) : (
        <Input.Error mt={4}>{refusals.provider}</Input.Error>
      )}
    </Box>
  )
}

export function AnswerField({ form, change, refusals }: FieldsProps) {
  const say = useWayWords()
  return (
    <NativeSelect
      label={say('answer_with')}
      description={say(`answer_${form.answer_with}_hint`)}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      value={form.answer_with}
      onChange={(event) => {
        const { value } = event.currentTarget
        change({ answer_with: ANSWER_WITH.find((one) => one === value) ?? 'agent' })
      }}
      data={ANSWER_WITH.map((value) => ({ value, label: say(`answer_${value}`) }))}
      error={refusals.answer_with}
    />
  )
}
