// By whom the call goes, and who talks to whoever picks up.
import { Box, Input, NativeSelect, SegmentedControl, Text } from '@mantine/core'
import { providerName } from '../../components/provider-name.ts'
import { ApplicationChoice } from '../../components/voximplant/application-choice.tsx'
import type { Application } from '../../components/voximplant/shapes.ts'
import type { FieldsProps } from './dial-fields.tsx'
import { ANSWER_WITH, type Provider } from './dial-form.ts'
import { useWayWords } from './way-words.ts'

interface ProviderFieldProps extends FieldsProps {
  readonly providers: readonly Provider[]
  /** Of Voximplant. */
  readonly applications: readonly Application[]
}

/** Only where there is something to choose. */
export function ProviderField(props: ProviderFieldProps) {
  const { form, change, refusals, providers, applications } = props
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
        onChange={(value) =>
          change({
            provider: providers.find((one) => one === value) ?? 'sip',
            application_id: form.application_id || (applications[0]?.application_id ?? ''),
          })
        }
        data={providers.map((value) => ({ value, label: providerName(value) }))}
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

export function ApplicationField(props: Omit<ProviderFieldProps, 'providers'>) {
  const { form, change, refusals, applications } = props
  return (
    <ApplicationChoice
      size="sm"
      applications={applications}
      value={form.application_id}
      onChange={(id) => change({ application_id: id })}
      mayBeAll={false}
      error={refusals.application_id}
    />
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
