// How the scenario behaves: what it records, says, and when it ends a call.
import { NativeSelect, NumberInput, Radio, SimpleGrid, Stack, Textarea } from '@mantine/core'
import {
  RECORDING_CHOICES,
  SCENARIO_LANGUAGES,
  type ScenarioOptions,
} from '../../../components/voximplant/shapes.ts'
import { locale } from '../../../words/language.ts'
import { DURATION_SECONDS, MAX_ANNOUNCEMENT } from '../application-draft.ts'
import { useApplications } from '../words.ts'
import type { FormProps } from './application-form.tsx'

/** AMD.Model of VoxEngine. */
const MODELS = ['EU_GENERAL', 'US', 'RU', 'KZ', 'BR', 'CL', 'CO', 'MX', 'PE', 'PH'] as const

export function OptionFields({ draft: { options }, change, faults }: FormProps) {
  const say = useApplications()
  const set = (patch: Partial<ScenarioOptions>): void =>
    change({ options: { ...options, ...patch } })
  return (
    <Stack gap="sm">
      <Radio.Group
        label={say('recording')}
        value={options.recording}
        onChange={(value) =>
          set({ recording: RECORDING_CHOICES.find((one) => one === value) ?? 'off' })
        }
      >
        <Stack gap="xs" mt={6}>
          {RECORDING_CHOICES.map((value) => (
            <Radio
              key={value}
              value={value}
              label={say(`recording_${value}`)}
              description={say(`recording_${value}_hint`)}
            />
          ))}
        </Stack>
      </Radio.Group>
      {options.recording !== 'off' && (
        <Textarea
          label={say(options.recording === 'consent' ? 'question' : 'announcement')}
          description={say('announcement_hint')}
          value={options.announcement ?? ''}
          maxLength={MAX_ANNOUNCEMENT}
          rows={2}
          onChange={(event) => set({ announcement: event.currentTarget.value })}
        />
      )}
      <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
        <NativeSelect
          label={say('language')}
          description={say('language_hint')}
          inputWrapperOrder={['label', 'input', 'description']}
          value={options.language}
          onChange={(event) => {
            const { value } = event.currentTarget
            set({ language: SCENARIO_LANGUAGES.find((one) => one === value) ?? 'en' })
          }}
          data={SCENARIO_LANGUAGES.map((value) => ({ value, label: named(value, 'language') }))}
        />
        <NativeSelect
          label={say('machine')}
          description={say('machine_hint')}
          inputWrapperOrder={['label', 'input', 'description']}
          value={options.answering_machine_model ?? ''}
          onChange={(event) => set({ answering_machine_model: event.currentTarget.value || null })}
          data={[
            { value: '', label: say('machine_off') },
            ...MODELS.map((value) => ({
              value,
              label: value === 'EU_GENERAL' ? say('machine_eu') : named(value, 'region'),
            })),
          ]}
        />
        <NumberInput
          label={say('longest')}
          description={say('longest_hint')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={options.max_duration_seconds}
          onChange={(value) => set({ max_duration_seconds: Number(value) })}
          min={DURATION_SECONDS.min}
          max={DURATION_SECONDS.max}
          allowDecimal={false}
          hideControls
          error={faults.has('duration') ? say('longest_fault', DURATION_SECONDS) : undefined}
        />
      </SimpleGrid>
    </Stack>
  )
}

const named = (code: string, type: 'language' | 'region'): string =>
  new Intl.DisplayNames([locale()], { type }).of(code) ?? code
