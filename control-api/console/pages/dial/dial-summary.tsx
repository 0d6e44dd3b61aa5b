// What will happen, and what it may cost, before somebody presses the button.
import { Alert, Button, List, Stack, Text } from '@mantine/core'
import type { GetSettingsResponse } from '../../api/generated/types.gen.ts'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { Failure } from '../../components/failure.tsx'
import { useUncertainty } from '../../components/place-call.ts'
import { checkNumber } from '../../components/phone-number/phone-number.ts'
import { useMay } from '../../session/session.tsx'
import { duration, money } from '../../words/amounts.ts'
import { locale } from '../../words/language.ts'
import { useCommon, type SayCommon } from '../../words/common.ts'
import { useAgents } from './agent-field.tsx'
import {
  applying,
  bodyOf,
  DEFAULT_DURATION_SECONDS,
  DEFAULT_RING_SECONDS,
  hasAgent,
  isAllowed,
  refusalsOf,
  type DialForm,
} from './dial-form.ts'
import { confirmWords } from './confirm-words.ts'
import type { Dialling } from './use-dial.ts'
import { useDialWords } from './words.ts'

interface DialSummaryProps {
  readonly form: DialForm
  readonly settings: GetSettingsResponse
  readonly isRehearsal: boolean
  readonly dialling: Dialling
}

export function DialSummary({ form, settings, isRehearsal, dialling }: DialSummaryProps) {
  const say = useDialWords()
  const common = useCommon()
  const number = checkNumber(form.phone_number)
  const { problem } = dialling
  const uncertain = useUncertainty(bodyOf(form))
  // That no answer came is said by itself, and what it means.
  const isTold = uncertain === 'same' && problem?.status === 0
  const isBesideField = problem !== null && Object.keys(refusalsOf(problem)).length > 0
  const isForbidden = number.fault === null && !isAllowed(number.e164, settings.dial_allow_prefixes)
  return (
    <Stack gap="sm">
      <WhatHappens form={form} settings={settings} />
      {isForbidden && (
        <Alert color="yellow">
          {say('not_allowed', { prefixes: settings.dial_allow_prefixes.join(', ') || '–' })}
        </Alert>
      )}
      {uncertain !== null && (
        <Alert color="yellow" title={say('uncertain')} role="alert">
          {uncertain === 'same' ? say('uncertain_hint') : common('second_call')}
        </Alert>
      )}
      {problem !== null && !isTold && !isBesideField && <Failure error={problem} />}
      <CallButton
        form={form}
        isRehearsal={isRehearsal}
        dialling={dialling}
        price={settings.price_per_minute}
      />
      <Text size="xs" c="dimmed">
        {say('once')}
      </Text>
    </Stack>
  )
}

const WAY_WORDS = {
  routes: 'will_ring',
  trunk: 'will_ring_by',
  twilio: 'will_ring_twilio',
  voximplant: 'will_ring_voximplant',
} as const
const wayOf = ({ provider, trunk }: DialForm): keyof typeof WAY_WORDS =>
  provider !== 'sip' ? provider : trunk === '' ? 'routes' : 'trunk'
const OPEN_WORDS = {
  agent: 'will_open',
  'order-ivr': 'will_menu',
  'order-ivr-then-agent': 'will_menu_agent',
} as const

const retryWords = (
  { retry_attempts: count, retry_after_minutes: minutes, retry_on: outcomes }: DialForm,
  say: ReturnType<typeof useDialWords>,
  common: SayCommon,
): string =>
  say('will_retry', {
    count,
    after: lengthWords(minutes * 60),
    outcomes: outcomes.map((one) => common(one === 'failed' ? 'outcome_failed' : one)).join(', '),
  })

function WhatHappens({ form: filled, settings }: Pick<DialSummaryProps, 'form' | 'settings'>) {
  const form = applying(filled)
  const say = useDialWords()
  const common = useCommon()
  const { data: agents } = useAgents()
  const number = checkNumber(form.phone_number)
  const longest = form.max_duration_seconds ?? DEFAULT_DURATION_SECONDS
  const price = settings.price_per_minute
  const isOfApplication = form.provider === 'voximplant'
  const usualAgent = isOfApplication ? 'agent_of_application' : 'agent_default_unknown'
  const agent = agents?.find(({ agent_id: id, is_default: isDefault }) =>
    form.agent_id === '' ? isDefault && !isOfApplication : id === form.agent_id,
  )
  const cost = {
    price: money(price * 100),
    most: money((price * 100 * longest) / 60),
    length: lengthWords(longest),
  }
  const lines = [
    number.fault === null
      ? say(WAY_WORDS[wayOf(form)], { number: number.grouped, trunk: form.trunk })
      : say('will_ring_nobody'),
    say(OPEN_WORDS[form.answer_with], {
      agent: agent?.name ?? (form.agent_id || say(usualAgent)),
      seconds: lengthWords(form.ring_timeout_seconds ?? DEFAULT_RING_SECONDS),
    }),
    ...(hasAgent(form) ? [say('will_cost', cost)] : []),
    ...(form.answering_machine === 'gate' ? [say('will_gate')] : []),
    ...(form.retries ? [retryWords(form, say, common)] : []),
  ]
  return (
    <section aria-label={say('will_happen')}>
      <Text size="sm" fw={600} mb={4}>
        {say('will_happen')}
      </Text>
      <List size="sm" spacing={4}>
        {lines.map((line) => (
          <List.Item key={line}>{line}</List.Item>
        ))}
      </List>
    </section>
  )
}

/** `30 min` rather than `30 min 0 s`. */
function lengthWords(seconds: number): string {
  if (seconds < 60 || seconds % 60 !== 0) return duration(seconds)
  const minutes = { style: 'unit', unit: 'minute', unitDisplay: 'short' } as const
  return new Intl.NumberFormat(locale(), minutes).format(seconds / 60)
}

interface CallButtonProps extends Pick<DialSummaryProps, 'form' | 'isRehearsal' | 'dialling'> {
  readonly price: number
}

function CallButton({ form, isRehearsal, dialling, price }: CallButtonProps) {
  const say = useDialWords()
  const common = useCommon()
  const may = useMay('operator')
  const body = bodyOf(form)
  const number = checkNumber(form.phone_number)
  const incomplete = number.fault === null ? say('has_faults') : say('needs_number')
  const unavailable = may ? (body === null ? incomplete : undefined) : common('needs_operator')
  const label = say(useUncertainty(body) === 'same' ? 'call_again_safely' : 'call')
  if (body === null || isRehearsal || !may)
    return (
      <Button
        fullWidth
        size="md"
        disabled={unavailable !== undefined}
        title={unavailable}
        loading={dialling.isRunning}
        onClick={() => body !== null && dialling.run(body)}
      >
        {label}
      </Button>
    )
  return (
    <ConfirmButton
      fullWidth
      size="md"
      variant="filled"
      color="signal"
      label={label}
      consequences={confirmWords(body, say, {
        number: number.fault === null ? number.grouped : '',
        price: money(price * 100),
      })}
      act={() => dialling.dial(body)}
    />
  )
}
