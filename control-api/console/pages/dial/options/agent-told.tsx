// What the agent is told for this call.
import { Stack, Textarea, TextInput } from '@mantine/core'
import { currentLanguage, locale } from '../../../words/language.ts'
import type { FieldsProps } from '../dial-fields.tsx'
import { faultsOf } from '../dial-form.ts'
import { useDialWords } from '../words.ts'
import { NamedValues } from './named-values.tsx'

export function AgentTold({ form, change, refusals }: FieldsProps) {
  const say = useDialWords()
  const faults = faultsOf(form)
  const isLanguageWrong = faults.has('language')
  const variableFault = faults.has('variable_unnamed')
    ? say('unnamed')
    : faults.has('variable_twice')
      ? say('twice')
      : undefined
  return (
    <Stack gap="sm">
      <Textarea
        label={say('first_message')}
        description={say('first_message_hint')}
        value={form.first_message}
        onChange={(event) => change({ first_message: event.currentTarget.value })}
        error={refusals.first_message}
        autosize
        minRows={2}
        maxRows={6}
        maxLength={4096}
      />
      <TextInput
        label={say('language')}
        description={
          isLanguageWrong ? undefined : languageHint(form.language, say('language_hint'))
        }
        placeholder={currentLanguage()}
        value={form.language}
        maxLength={7}
        onChange={(event) => change({ language: event.currentTarget.value.trim() })}
        error={refusals.language ?? (isLanguageWrong ? say('language_wrong') : undefined)}
      />
      <NamedValues
        label={say('variables')}
        hint={say('variables_hint')}
        rows={form.variables}
        onChange={(variables) => change({ variables })}
        error={refusals.dynamic_variables ?? variableFault}
      />
    </Stack>
  )
}

/** `de` → German. */
function languageHint(code: string, otherwise: string): string {
  if (code === '') return otherwise
  const name = new Intl.DisplayNames([locale()], { type: 'language' }).of(code)
  return name ?? otherwise
}
