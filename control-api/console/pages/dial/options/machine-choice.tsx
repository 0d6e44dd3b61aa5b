// What to do when a machine picks up. Two of the three ways are named by the API and not built yet: said, not hidden.
import { Badge, Group, Input, Radio, Stack } from '@mantine/core'
import type { FieldsProps } from '../dial-fields.tsx'
import { useDialWords } from '../words.ts'

const WAYS = [
  { value: 'off', isBuilt: true },
  { value: 'detect', isBuilt: false },
  { value: 'gate', isBuilt: false },
] as const

export function MachineChoice({ refusals }: FieldsProps) {
  const say = useDialWords()
  return (
    <Stack gap="sm">
      <Radio.Group label={say('machine')} value="off">
        <Stack gap="sm" mt={6}>
          {WAYS.map(({ value, isBuilt }) => (
            <Radio
              key={value}
              value={value}
              disabled={!isBuilt}
              readOnly
              label={
                <Group gap={6} component="span">
                  {say(`machine_${value}`)}
                  {!isBuilt && (
                    <Badge size="xs" variant="light" color="gray" component="span">
                      {say('not_built')}
                    </Badge>
                  )}
                </Group>
              }
              description={say(`machine_${value}_hint`)}
            />
          ))}
        </Stack>
      </Radio.Group>
      {refusals.answering_machine !== undefined && (
        <Input.Error>{refusals.answering_machine}</Input.Error>
      )}
    </Stack>
  )
}
