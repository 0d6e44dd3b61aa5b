// What is typed about a key: for a new one, and to change one.
import { useState, type SubmitEvent } from 'react'
import { Button, Checkbox, Group, NativeSelect, Radio, Stack, TextInput } from '@mantine/core'
import { Failure } from '../../../components/failure.tsx'
import { moment } from '../../../words/amounts.ts'
import { useCommon } from '../../../words/common.ts'
import { BudgetFields } from './budget-fields.tsx'
import {
  bodyOf,
  EXPIRY_DAYS,
  faultsOf,
  mayDial,
  NEW_KEY,
  ROLES,
  typedOf,
  type ApiKey,
  type Expiry,
  type KeyBody,
  type TypedKey,
} from './key-wish.ts'
import { useKeys } from './words.ts'

interface KeyFormProps {
  /** Absent: a new one. */
  readonly apiKey?: ApiKey
  readonly submit: string
  readonly isRunning: boolean
  readonly error: unknown
  readonly onSubmit: (body: KeyBody) => void
  readonly onCancel: () => void
}

const MAX_NAME = 100

export function KeyForm({ apiKey, submit, isRunning, error, onSubmit, onCancel }: KeyFormProps) {
  const say = useKeys()
  const common = useCommon()
  const [opened] = useState(() => Date.now())
  const [typed, setTyped] = useState(() => (apiKey ? typedOf(apiKey) : NEW_KEY))
  const change = (changes: Partial<TypedKey>): void => setTyped({ ...typed, ...changes })
  const faults = faultsOf(typed, opened)
  const send = (event: SubmitEvent): void => {
    event.preventDefault()
    onSubmit(bodyOf(typed, Date.now()))
  }
  return (
    <Stack component="form" onSubmit={send}>
      <TextInput
        label={say('name')}
        description={say('name_hint')}
        value={typed.name}
        maxLength={MAX_NAME}
        onChange={(event) => change({ name: event.currentTarget.value })}
        autoComplete="off"
        data-autofocus
      />
      <Radio.Group label={say('role')} value={typed.role} onChange={(role) => change({ role })}>
        <Stack gap="xs" mt={6}>
          {ROLES.map((role) => (
            <Radio key={role} value={role} label={role} description={say(`${role}_what`)} />
          ))}
        </Stack>
      </Radio.Group>
      <ExpiryField apiKey={apiKey} typed={typed} change={change} />
      {mayDial(typed.role) && (
        <Checkbox
          label={say('limited')}
          description={say('limited_hint')}
          checked={typed.isLimited}
          onChange={(event) => change({ isLimited: event.currentTarget.checked })}
        />
      )}
      {mayDial(typed.role) && typed.isLimited && (
        <BudgetFields typed={typed} faults={faults} change={change} />
      )}
      {error !== null && <Failure error={error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onCancel} disabled={isRunning}>
          {common('cancel')}
        </Button>
        <Button type="submit" loading={isRunning} disabled={faults.size > 0}>
          {submit}
        </Button>
      </Group>
    </Stack>
  )
}

interface ExpiryFieldProps {
  readonly apiKey: ApiKey | undefined
  readonly typed: TypedKey
  readonly change: (changes: Partial<TypedKey>) => void
}

function ExpiryField({ apiKey, typed, change }: ExpiryFieldProps) {
  const say = useKeys()
  const end = apiKey?.expires_at ?? null
  return (
    <Group align="flex-end" gap="sm">
      <NativeSelect
        label={say('expiry')}
        value={typed.expiry}
        onChange={(event) => change({ expiry: event.currentTarget.value as Expiry })}
        data={[
          ...(end === null
            ? []
            : [{ value: 'stays', label: say('expiry_stays', { at: moment(end) }) }]),
          { value: 'never', label: say('expiry_never') },
          ...EXPIRY_DAYS.map((count) => ({
            value: String(count),
            label: say('expiry_days', { count }),
          })),
          { value: 'on', label: say('expiry_on') },
        ]}
      />
      {typed.expiry === 'on' && (
        <TextInput
          type="date"
          label={say('expiry_day')}
          value={typed.lastDay}
          onChange={(event) => change({ lastDay: event.currentTarget.value })}
        />
      )}
    </Group>
  )
}
