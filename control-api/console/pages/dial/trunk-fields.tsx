// Through which trunk it goes, and which number the far end sees.
import { NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { listTrunksOptions } from '../../api/generated/@tanstack/react-query.gen.ts'
import type { ListTrunksResponse } from '../../api/generated/types.gen.ts'
import { NumberInput } from '../../components/phone-number/number-input.tsx'
import type { FieldsProps } from './dial-fields.tsx'
import { useDialWords } from './words.ts'

type Trunk = ListTrunksResponse['items'][number]

export function TrunkFields({ form, change, refusals }: FieldsProps) {
  const say = useDialWords()
  const { data } = useQuery(listTrunksOptions())
  const trunks = data?.items ?? []
  const chosen = trunks.find(({ name }) => name === form.trunk)
  const count = chosen
    ? chosen.numbers_count
    : trunks.reduce((sum, { numbers_count: numbers }) => sum + numbers, 0)
  return (
    <>
      <NativeSelect
        label={say('trunk')}
        description={say('trunk_hint')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        value={form.trunk}
        onChange={(event) => change({ trunk: event.currentTarget.value })}
        error={refusals.trunk}
        data={[
          { value: '', label: say('trunk_auto') },
          ...trunks.map((trunk) => ({
            value: trunk.name,
            label: isDown(trunk) ? say('trunk_down', { name: trunk.name }) : trunk.name,
          })),
        ]}
      />
      <NumberInput
        label={say('from')}
        description={
          data === undefined ? undefined : say(count === 0 ? 'from_none' : 'from_hint', { count })
        }
        value={form.from}
        onChange={(from) => change({ from })}
        isOptional
        showsFault
        refusal={refusals.from}
        disabled={data !== undefined && count === 0}
      />
    </>
  )
}

const isDown = ({ health, registers, registration }: Trunk): boolean =>
  health.reach === 'down' || (registers && registration !== 'registered')
