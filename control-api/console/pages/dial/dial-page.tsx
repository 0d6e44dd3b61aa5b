// Dial: a call is put together, placed, and watched as it happens.
import { useRef, useState } from 'react'
import { Alert, Card, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useHistoryState } from 'wouter/use-browser-location'
import {
  getHowToOptions,
  getSettingsOptions,
} from '../../api/generated/@tanstack/react-query.gen.ts'
import type { GetHowToResponse, GetSettingsResponse } from '../../api/generated/types.gen.ts'
import { Loaded } from '../../components/loaded.tsx'
import { PageFrame } from '../../components/page-frame.tsx'
import { useApplications } from '../../components/voximplant/queries.ts'
import { useMay } from '../../session/session.tsx'
import { useCommon } from '../../words/common.ts'
import { CallWatch } from './call-watch.tsx'
import { DialFields } from './dial-fields.tsx'
import { emptyForm, refusalsOf, type DialForm, type Provider } from './dial-form.ts'
import { DialSummary } from './dial-summary.tsx'
import { NothingDialled } from './nothing-dialled.tsx'
import { useDial } from './use-dial.ts'
import { useDialWords } from './words.ts'
import styles from './dial.module.css'

export function Component() {
  const say = useDialWords()
  const howTo = useQuery(getHowToOptions())
  const settings = useQuery(getSettingsOptions())
  return (
    <PageFrame title={say('title')}>
      <Loaded query={howTo}>
        {(how) => <Loaded query={settings}>{(set) => <Dial howTo={how} settings={set} />}</Loaded>}
      </Loaded>
    </PageFrame>
  )
}

interface DialProps {
  readonly howTo: GetHowToResponse
  readonly settings: GetSettingsResponse
}

const providersOf = (settings: GetSettingsResponse, hasApplications: boolean): Provider[] => [
  'sip',
  ...(settings.vendors.twilio ? (['twilio'] as const) : []),
  ...(hasApplications ? (['voximplant'] as const) : []),
]

function Dial({ howTo, settings }: DialProps) {
  const say = useDialWords()
  const common = useCommon()
  const may = useMay('operator')
  const handed = useHistoryState<{ readonly phone_number?: string } | null>()
  const applications = useApplications().data?.items ?? []
  const [form, setForm] = useState(() => emptyForm(handed?.phone_number ?? ''))
  const [watched, setWatched] = useState<string | null>(null)
  const watch = useRef<HTMLDivElement>(null)
  const dialling = useDial((callId) => {
    setWatched(callId)
    // On a phone the ladder is below the form.
    requestAnimationFrame(() =>
      watch.current?.scrollIntoView({ block: 'nearest', behavior: 'smooth' }),
    )
  })
  const change = (part: Partial<DialForm>): void => {
    setForm((before) => ({ ...before, ...part }))
    dialling.forgetProblem()
  }
  return (
    <Stack gap="md">
      {!may && <Alert color="gray">{common('needs_operator')}</Alert>}
      {howTo.sip_server_away && <Alert color="red">{say('sip_away')}</Alert>}
      <div className={styles['both']}>
        <Card withBorder component="section" aria-label={say('the_call')}>
          <Stack gap="md">
            <DialFields
              form={form}
              change={change}
              refusals={dialling.problem ? refusalsOf(dialling.problem) : {}}
              demoNumbers={howTo.demo_numbers}
              providers={providersOf(settings, applications.length > 0)}
              applications={applications}
            />
            <DialSummary
              form={form}
              settings={settings}
              isRehearsal={howTo.rehearsal}
              dialling={dialling}
            />
          </Stack>
        </Card>
        <Stack gap="md" miw={0} ref={watch} className={styles['watch']}>
          {watched === null ? (
            <NothingDialled onShow={setWatched} />
          ) : (
            <CallWatch
              key={watched}
              callId={watched}
              pricePerMinute={settings.price_per_minute}
              isRehearsal={howTo.rehearsal}
              dialling={dialling}
              onShow={setWatched}
            />
          )}
        </Stack>
      </div>
    </Stack>
  )
}
