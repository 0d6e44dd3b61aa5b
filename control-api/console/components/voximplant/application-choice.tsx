// Which application: those of one account together, when there are several accounts.
import { NativeSelect } from '@mantine/core'
import type { Application } from './shapes.ts'
import { useVoximplant } from './words.ts'

interface ApplicationChoiceProps {
  readonly applications: readonly Application[]
  /** Empty: all of them. */
  readonly value: string
  readonly onChange: (applicationId: string) => void
  readonly mayBeAll: boolean
  readonly size?: 'xs' | 'sm'
  readonly label?: string
  readonly error?: string | undefined
}

export function ApplicationChoice(props: ApplicationChoiceProps) {
  const { applications, value, onChange, mayBeAll, size = 'xs', label, error } = props
  const say = useVoximplant()
  const isKnown = value === '' || applications.some(({ application_id: id }) => id === value)
  return (
    <NativeSelect
      size={size}
      label={label ?? say('application')}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error}
      data={[
        ...(mayBeAll ? [{ value: '', label: say('all_applications') }] : []),
        ...grouped(applications),
        // Of an address that is older than what there is.
        ...(isKnown ? [] : [{ value, label: `${value} (${say('no_application')})` }]),
      ]}
    />
  )
}

const choiceOf = ({ application_id: value, application_name: label }: Application) => {
  return { value, label }
}

function grouped(applications: readonly Application[]) {
  const byAccount = Map.groupBy(applications, ({ account }) => account)
  if (byAccount.size <= 1) return applications.map(choiceOf)
  return [...byAccount.values()].map((items) => {
    return { group: items[0]?.account_name ?? '', items: items.map(choiceOf) }
  })
}
