// Names with values, as many as one likes.
import { ActionIcon, Button, Group, Input, Stack, Text, TextInput } from '@mantine/core'
import { PlusIcon, XIcon } from '@primer/octicons-react'
import type { NamedValue } from '../dial-form.ts'
import { useDialWords } from '../words.ts'

const MOST = 50

interface NamedValuesProps {
  readonly label: string
  readonly hint: string
  readonly rows: readonly NamedValue[]
  readonly onChange: (rows: readonly NamedValue[]) => void
  readonly error: string | undefined
}

export function NamedValues({ label, hint, rows, onChange, error }: NamedValuesProps) {
  const say = useDialWords()
  const set = (id: number, part: Partial<NamedValue>): void =>
    onChange(rows.map((row) => (row.id === id ? { ...row, ...part } : row)))
  const add = (): void =>
    onChange([...rows, { id: Math.max(0, ...rows.map(({ id }) => id)) + 1, name: '', value: '' }])
  return (
    <Stack gap={6} role="group" aria-label={label}>
      <div>
        <Text size="sm" fw={500}>
          {label}
        </Text>
        <Text size="xs" c="dimmed">
          {hint}
        </Text>
      </div>
      {rows.map(({ id, name, value }, index) => (
        <Group key={id} gap={6} wrap="nowrap">
          <TextInput
            aria-label={say('name_of', { label, number: index + 1 })}
            placeholder={say('name')}
            value={name}
            maxLength={128}
            onChange={(event) => set(id, { name: event.currentTarget.value })}
            flex={1}
          />
          <TextInput
            aria-label={say('value_of', { label, number: index + 1 })}
            placeholder={say('value')}
            value={value}
            maxLength={4096}
            onChange={(event) => set(id, { value: event.currentTarget.value })}
            flex={1}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={say('remove_row', { label, number: index + 1 })}
            onClick={() => onChange(rows.filter((row) => row.id !== id))}
          >
            <XIcon size={14} />
          </ActionIcon>
        </Group>
      ))}
      {error !== undefined && <Input.Error>{error}</Input.Error>}
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<PlusIcon size={14} />}
        aria-label={say('add_to', { label })}
        disabled={rows.length >= MOST}
        onClick={add}
        style={{ alignSelf: 'flex-start' }}
      >
        {say('add')}
      </Button>
    </Stack>
  )
}
