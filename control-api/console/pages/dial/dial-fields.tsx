// Who is called, by which agent, through which trunk; the rest is folded away until somebody wants it.
import { useState } from 'react'
import { Button, Group, Stack, Text } from '@mantine/core'
import type { GetHowToResponse } from '../../api/generated/types.gen.ts'
import { NumberInput } from '../../components/phone-number/number-input.tsx'
import type { Application } from '../../components/voximplant/shapes.ts'
import { AgentField } from './agent-field.tsx'
import {
  faultsOf,
  hasAgent,
  hasTrunk,
  mayHaveMenu,
  type DialForm,
  type Provider,
  type RefusedField,
} from './dial-form.ts'
import { AgentTold } from './options/agent-told.tsx'
import { Limits } from './options/limits.tsx'
import { MachineChoice } from './options/machine-choice.tsx'
import { NamedValues } from './options/named-values.tsx'
import { Part } from './options/part.tsx'
import { Redial } from './options/redial.tsx'
import { useDemoWords } from './demo-words.ts'
import { TrunkFields } from './trunk-fields.tsx'
import { AnswerField, ApplicationField, ProviderField } from './way-fields.tsx'
import { useDialWords } from './words.ts'

export interface FieldsProps {
  readonly form: DialForm
  readonly change: (part: Partial<DialForm>) => void
  readonly refusals: Partial<Record<RefusedField, string>>
}

interface DialFieldsProps extends FieldsProps {
  readonly demoNumbers: GetHowToResponse['demo_numbers']
  /** Those by whom a call can go. */
  readonly providers: readonly Provider[]
  /** Of Voximplant. */
  readonly applications: readonly Application[]
}

export function DialFields(props: DialFieldsProps) {
  const { demoNumbers, providers, applications, ...fields } = props
  const say = useDialWords()
  const { form, change, refusals } = fields
  const [wasTyped, setWasTyped] = useState(false)
  return (
    <Stack gap="sm">
      <NumberInput
        size="md"
        label={say('number')}
        description={say('number_hint')}
        value={form.phone_number}
        onChange={(text) => change({ phone_number: text })}
        onBlur={() => setWasTyped(form.phone_number !== '')}
        showsFault={wasTyped}
        refusal={refusals.phone_number}
      />
      {demoNumbers.length > 0 && hasTrunk(form) && (
        <DemoNumbers
          numbers={demoNumbers}
          chosen={form.phone_number}
          onChoose={(number) => change({ phone_number: number })}
        />
      )}
      {providers.length > 1 && (
        <ProviderField {...fields} providers={providers} applications={applications} />
      )}
      {form.provider === 'voximplant' && (
        <ApplicationField {...fields} applications={applications} />
      )}
      {mayHaveMenu(form) && <AnswerField {...fields} />}
      {hasAgent(form) && <AgentField {...fields} />}
      {hasTrunk(form) && <TrunkFields {...fields} />}
      <More {...fields} />
    </Stack>
  )
}

interface DemoNumbersProps {
  readonly numbers: GetHowToResponse['demo_numbers']
  readonly chosen: string
  readonly onChoose: (number: string) => void
}

function DemoNumbers({ numbers, chosen, onChoose }: DemoNumbersProps) {
  const say = useDialWords()
  const demo = useDemoWords()
  return (
    <Stack gap={6} role="group" aria-label={say('demo')}>
      <Text size="sm" c="dimmed">
        {say('demo')}
      </Text>
      <Group gap={6}>
        {numbers.map(({ number, what }) => (
          <Button
            key={number}
            size="compact-xs"
            fw={400}
            variant={number === chosen ? 'filled' : 'default'}
            aria-pressed={number === chosen}
            onClick={() => onChoose(number)}
          >
            {demo(what)}
          </Button>
        ))}
      </Group>
    </Stack>
  )
}

/** Each part says of itself when something in it is refused. */
function More(fields: FieldsProps) {
  const say = useDialWords()
  const { form, change, refusals } = fields
  const [open, setOpen] = useState<string[]>([])
  const faults = faultsOf(form)
  const refused: string[] = [
    ...((refusals.first_message ?? refusals.language ?? refusals.dynamic_variables)
      ? ['told']
      : []),
    ...((refusals.ring_timeout_seconds ?? refusals.max_duration_seconds) ? ['limits'] : []),
    ...(refusals.answering_machine ? ['machine'] : []),
    ...(refusals.retry ? ['redial'] : []),
    ...(refusals.metadata ? ['metadata'] : []),
  ]
  const parts = [
    ...(hasAgent(form)
      ? [{ key: 'told', title: say('told'), content: <AgentTold {...fields} /> }]
      : []),
    { key: 'limits', title: say('limits'), content: <Limits {...fields} /> },
    { key: 'machine', title: say('machine'), content: <MachineChoice {...fields} /> },
    { key: 'redial', title: say('redial'), content: <Redial {...fields} /> },
    {
      key: 'metadata',
      title: say('metadata'),
      content: (
        <NamedValues
          label={say('metadata')}
          hint={say('metadata_hint')}
          rows={form.metadata}
          onChange={(metadata) => change({ metadata })}
          error={
            refusals.metadata ??
            (faults.has('metadata_unnamed')
              ? say('unnamed')
              : faults.has('metadata_twice')
                ? say('twice')
                : undefined)
          }
        />
      ),
    },
  ]
  return (
    <div>
      {parts.map(({ key, title, content }) => (
        <Part
          key={key}
          title={title}
          isOpen={open.includes(key) || refused.includes(key)}
          onToggle={(isOpen) =>
            setOpen((before) => [...before.filter((one) => one !== key), ...(isOpen ? [key] : [])])
          }
        >
          {content}
        </Part>
      ))}
    </div>
  )
}
