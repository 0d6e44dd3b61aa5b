// The dial budget of a key: what it may make ring, beside what the whole node may.
import { Checkbox, Input, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useTrunks } from '../../../components/use-trunks.ts'
import type { KeyFault, TypedKey } from './key-wish.ts'
import { useKeys } from './words.ts'

interface BudgetFieldsProps {
  readonly typed: TypedKey
  readonly faults: ReadonlySet<KeyFault>
  readonly change: (changes: Partial<TypedKey>) => void
}

export function BudgetFields({ typed, faults, change }: BudgetFieldsProps) {
  const say = useKeys()
  const trunks = useTrunks().data?.items ?? []
  return (
    <Stack gap="sm" pl="md">
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          label={say('per_second')}
          description={say('per_second_hint')}
          inputMode="decimal"
          value={typed.perSecond}
          onChange={(event) => change({ perSecond: event.currentTarget.value.trim() })}
          error={faults.has('perSecond') && say('number_wrong')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
        />
        <TextInput
          label={say('per_day')}
          inputMode="numeric"
          value={typed.perDay}
          onChange={(event) => change({ perDay: event.currentTarget.value.trim() })}
          error={faults.has('perDay') && say('number_wrong')}
        />
      </SimpleGrid>
      <TextInput
        label={say('prefixes')}
        description={say('prefixes_hint')}
        value={typed.prefixes}
        onChange={(event) => change({ prefixes: event.currentTarget.value })}
        error={faults.has('prefixes') && say('prefixes_wrong')}
        autoComplete="off"
      />
      {trunks.length > 0 && (
        <Checkbox.Group
          label={say('trunks')}
          description={say('trunks_hint')}
          value={[...typed.trunks]}
          onChange={(values) => change({ trunks: values })}
        >
          <Stack gap={6} mt={6}>
            {trunks.map(({ name }) => (
              <Checkbox key={name} value={name} label={name} />
            ))}
          </Stack>
        </Checkbox.Group>
      )}
      <div role="status">
        {faults.has('nothing') && <Input.Error>{say('limit_something')}</Input.Error>}
      </div>
    </Stack>
  )
}
