// What is typed about an endpoint: for a new one, and to change one. Its present address is not put into the box, since
// it may hold a token.
import { useState, type SubmitEvent } from 'react'
import { Button, Group, Stack, Text, TextInput, UnstyledButton, Collapse } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { InfoIcon } from '@primer/octicons-react'
import type { CreateWebhookData } from '../../api/generated/types.gen.ts'
import { isNobody, useSession } from '../../session/session.tsx'
import { useCommon } from '../../words/common.ts'
import { AddressProblem } from './address-problem.tsx'
import { EVERYTHING, isOneType, USUAL_TYPES } from './event-types.ts'
import { shownAddress } from './shown-address.ts'
import type { Endpoint } from './endpoint-state.tsx'
import { TypeChoice } from './type-choice.tsx'
import { useWebhooks } from './words.ts'

type Body = CreateWebhookData['body']
/** Without an address: it stays. */
export type EndpointWish = Omit<Body, 'url'> & Partial<Pick<Body, 'url'>>

interface EndpointFormProps {
  /** Absent: a new one. */
  readonly endpoint?: Endpoint
  readonly submit: string
  readonly isRunning: boolean
  readonly error: unknown
  readonly onSubmit: (wish: EndpointWish) => void
  readonly onCancel: () => void
}

const MAX_ADDRESS = 2048
const MAX_DESCRIPTION = 200

export function EndpointForm(props: EndpointFormProps) {
  const { endpoint, submit, isRunning, error, onSubmit, onCancel } = props
  const say = useWebhooks()
  const common = useCommon()
  const [url, setUrl] = useState('')
  const [description, setDescription] = useState(endpoint?.description ?? '')
  const [types, setTypes] = useState(() => startTypes(endpoint))
  const { isAll, chosen } = types
  const send = (event: SubmitEvent): void => {
    event.preventDefault()
    onSubmit({
      ...(url.trim() === '' ? {} : { url: url.trim() }),
      types: isAll ? [EVERYTHING] : [...chosen],
      description: description.trim() === '' ? null : description.trim(),
    })
  }
  const isReady = (isAll || chosen.length > 0) && (endpoint !== undefined || url.trim() !== '')
  return (
    <Stack component="form" onSubmit={send}>
      <TextInput
        label={say('address')}
        description={
          endpoint
            ? say('address_keep', { address: shownAddress(endpoint.url) })
            : say('address_hint')
        }
        placeholder="https://"
        inputMode="url"
        value={url}
        maxLength={MAX_ADDRESS}
        onChange={(event) => setUrl(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        required={endpoint === undefined}
        data-autofocus
      />
      <PolicyHint />
      <TextInput
        label={say('description')}
        description={say('description_hint')}
        value={description}
        maxLength={MAX_DESCRIPTION}
        onChange={(event) => setDescription(event.currentTarget.value)}
        autoComplete="off"
      />
      <TypeChoice {...types} onChange={(all, some) => setTypes({ isAll: all, chosen: some })} />
      {error !== null && <AddressProblem error={error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onCancel} disabled={isRunning}>
          {common('cancel')}
        </Button>
        <Button type="submit" loading={isRunning} disabled={!isReady}>
          {submit}
        </Button>
      </Group>
    </Stack>
  )
}

function startTypes(endpoint: Endpoint | undefined) {
  if (!endpoint) return { isAll: false, chosen: USUAL_TYPES }
  return {
    isAll: endpoint.types.includes(EVERYTHING),
    chosen: endpoint.types.filter(isOneType),
  }
}

function PolicyHint() {
  const say = useWebhooks()
  const isRehearsal = isNobody(useSession())
  const [isOpen, { toggle }] = useDisclosure()
  return (
    <div>
      <UnstyledButton
        onClick={toggle}
        aria-expanded={isOpen}
        c="var(--mantine-color-anchor)"
        fz="sm"
      >
        <Group gap={6} component="span">
          <InfoIcon size={14} />
          {say('which_addresses')}
        </Group>
      </UnstyledButton>
      <Collapse expanded={isOpen}>
        <Text size="sm" c="dimmed" pt={6}>
          {say('policy')} {isRehearsal && say('policy_rehearsal')}
        </Text>
      </Collapse>
    </div>
  )
}
