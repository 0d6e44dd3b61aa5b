// What to do when a machine picks up. By SIP two of the three ways are not built yet: said, not hidden.
import { Badge, Group, Input, Radio, Stack } from '@mantine/core'
import type { FieldsProps } from '../dial-fields.tsx'
import { judgesMachines, type MachineWay } from '../dial-form.ts'
import { useDialWords } from '../words.ts'

const WAYS: readonly MachineWay[] = ['off', 'detect', 'gate']

export function MachineChoice({ form, change, refusals }: FieldsProps) {
  const say = useDialWords()
  const isBuilt = judgesMachines(form)
  return (
    <Stack gap="sm">
      <Radio.Group
        label={say('machine')}
        value={isBuilt ? form.answering_machine : 'off'}
        onChange={(value) =>
          change({ answering_machine: WAYS.find((one) => one === value) ?? 'off' })
        }
      >
        <Stack gap="sm" mt={6}>
          {WAYS.map((value) => (
            <Radio
              key={value}
              value={value}
              disabled={!isBuilt && value !== 'off'}
              label={
                <Group gap={6} component="span">
                  {say(`machine_${value}`)}
                  {!isBuilt && value !== 'off' && (
                    <Badge size="xs" variant="light" color="gray" component="span">
                      {say('not_built_sip')}
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
