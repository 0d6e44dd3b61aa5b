// What is chosen from what the account has at Voximplant, as it is there now; typed where it cannot be asked.
import { NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import { asProblem } from '../../../api/problem.ts'
import { problemWords } from '../../../components/failure.tsx'
import {
  useVendorApplications,
  useVendorNumbers,
  useVendorRules,
} from '../../../components/voximplant/queries.ts'
import type { VendorNumber, VendorRule } from '../../../components/voximplant/shapes.ts'
import { useCommon } from '../../../words/common.ts'
import { useApplications } from '../words.ts'
import type { FormProps } from './application-form.tsx'

interface Choice {
  readonly value: string
  readonly label: string
  readonly disabled?: boolean
}

interface LiveSelectProps<T> {
  readonly label: string
  readonly description: string
  readonly query: UseQueryResult<{ readonly items: readonly T[] }>
  readonly choiceOf: (item: T) => Choice
  readonly none: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly error?: string | undefined
  readonly disabled?: boolean
}

/** Its value stays, although the list does not have it (any more). */
function LiveSelect<T>(props: LiveSelectProps<T>) {
  const { label, description, query, choiceOf, none, value, onChange, error, disabled } = props
  const say = useApplications()
  const common = useCommon()
  if (query.error !== null)
    return (
      <TextInput
        label={label}
        description={say('list_failed', { why: problemWords(asProblem(query.error), common) })}
        value={value}
        maxLength={64}
        onChange={(event) => onChange(event.currentTarget.value)}
        error={error}
        autoComplete="off"
      />
    )
  const choices = (query.data?.items ?? []).map(choiceOf)
  const isListed = value === '' || choices.some((one) => one.value === value)
  return (
    <NativeSelect
      label={label}
      description={query.isLoading ? common('loading') : description}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error}
      disabled={disabled}
      data={[
        { value: '', label: none },
        ...(isListed ? [] : [{ value, label: value }]),
        ...choices,
      ]}
    />
  )
}

export function VendorFields({ draft, change, faults }: FormProps) {
  const say = useApplications()
  const { account, vendorApplication } = draft
  const applications = useVendorApplications(account)
  const rules = useVendorRules(account, vendorApplication)
  const numbers = useVendorNumbers(account)
  const chosen = applications.data?.items.find(
    ({ voximplant_application_id: id }) => id === vendorApplication,
  )
  return (
    <Stack gap="sm">
      <LiveSelect
        label={say('vendor_application')}
        description={say('vendor_application_hint')}
        query={applications}
        choiceOf={({ voximplant_application_id: value, name }) => ({ value, label: name })}
        none={say('choose_later')}
        value={vendorApplication}
        onChange={(value) => change({ vendorApplication: value })}
        disabled={account === ''}
      />
      {chosen?.has_secure_records === false && draft.options.recording !== 'off' && (
        <Text size="sm">{say('open_records')}</Text>
      )}
      <LiveSelect
        label={say('rule')}
        description={say('rule_hint')}
        query={rules}
        choiceOf={ruleChoice}
        none={say('rule_by_push')}
        value={draft.rule}
        onChange={(rule) => change({ rule })}
        disabled={vendorApplication === ''}
      />
      <LiveSelect
        label={say('number')}
        description={say('number_hint')}
        query={numbers}
        choiceOf={(one) => numberChoice(one, vendorApplication, say)}
        none={say('no_number')}
        value={draft.number}
        onChange={(number) => change({ number })}
        error={faults.has('number') ? say('number_fault') : undefined}
        disabled={account === ''}
      />
    </Stack>
  )
}

const ruleChoice = ({ rule_id: value, name, pattern, scenarios }: VendorRule): Choice => {
  const bound = scenarios.map((one) => one.name).join(', ')
  return { value, label: `${name} (${pattern})${bound === '' ? '' : ` → ${bound}`}` }
}

function numberChoice(
  { number: value, voximplant_application_id: of, is_usable: isUsable }: VendorNumber,
  vendorApplication: string,
  say: ReturnType<typeof useApplications>,
): Choice {
  const isElsewhere = of !== null && vendorApplication !== '' && of !== vendorApplication
  const note = !isUsable ? say('number_unusable') : isElsewhere ? say('number_elsewhere') : ''
  return { value, label: note === '' ? value : `${value} (${note})`, disabled: !isUsable }
}
