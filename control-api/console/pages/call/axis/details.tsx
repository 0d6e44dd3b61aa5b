// All about what is chosen on the axis, and what lies at the same place at this zoom.
import { useMemo } from 'react'
import { Button, CloseButton, Group, Stack, Text } from '@mantine/core'
import { Moment as When } from '../../../components/moment.tsx'
import { bytes, duration, moment, number } from '../../../words/amounts.ts'
import { useCommon } from '../../../words/common.ts'
import { useAxisWords } from './axis-words.ts'
import { isMoment, type Entry } from './entry.ts'
import { FIELD_WORDS, useFieldWords } from './field-words.ts'
import { readEntry, type ReadField } from './read-fields.ts'
import { clockText } from './ruler-ticks.ts'
import { toneClass } from './tones.ts'
import css from './axis.module.css'

interface DetailsProps {
  readonly entry: Entry | null
  /** At the same place at this zoom, itself among them. */
  readonly together: readonly Entry[]
  /** Of the call: to tell the time of day. */
  readonly createdAt: string
  readonly onChoose: (entry: Entry | null) => void
  readonly onZoom: (entries: readonly Entry[]) => void
}

const MOST_TOGETHER = 12

export function Details({ entry, together, createdAt, onChoose, onZoom }: DetailsProps) {
  const say = useAxisWords()
  if (entry === null)
    return (
      <div className={css['details']}>
        <Text size="sm" c="dimmed">
          {say('details_none')}
        </Text>
        <Text size="xs" c="dimmed" visibleFrom="sm">
          {say('hint')}
        </Text>
      </div>
    )
  return (
    <section className={css['details']} aria-label={say('details')}>
      <Stack gap="sm">
        <Head entry={entry} createdAt={createdAt} onClose={() => onChoose(null)} />
        <Fields entry={entry} />
        {together.length > 1 && (
          <Group gap={6} role="group" aria-label={say('together')}>
            <Text size="sm" c="dimmed">
              {say('together')}:
            </Text>
            {together.slice(0, MOST_TOGETHER).map((one) => (
              <Button
                key={one.key}
                size="compact-xs"
                variant={one.key === entry.key ? 'filled' : 'default'}
                aria-pressed={one.key === entry.key}
                onClick={() => onChoose(one)}
                maw={220}
              >
                {one.label}
              </Button>
            ))}
            <Button size="compact-xs" variant="subtle" onClick={() => onZoom(together)}>
              {say('zoom_here')}
            </Button>
          </Group>
        )}
      </Stack>
    </section>
  )
}

function Head(props: {
  readonly entry: Entry
  readonly createdAt: string
  readonly onClose: () => void
}) {
  const { entry, createdAt, onClose } = props
  const say = useAxisWords()
  const { fromMs, toMs, title, tone } = entry
  const length = toMs === Number.POSITIVE_INFINITY ? say('now') : duration((toMs - fromMs) / 1000)
  const at = new Date(Date.parse(createdAt) + fromMs).toISOString()
  return (
    <Group justify="space-between" wrap="nowrap" align="flex-start">
      <div className={toneClass(tone)}>
        <Text fw={600} component="h3" className={css['kind']} style={{ overflowWrap: 'anywhere' }}>
          {title}
        </Text>
        <Text size="sm" c="dimmed">
          <span className={css['when']}>{clockText(fromMs)}</span>
          {!isMoment(entry) && ` · ${length}`}
          {' · '}
          <When at={at} />
        </Text>
      </div>
      <CloseButton aria-label={say('let_go')} onClick={onClose} />
    </Group>
  )
}

const isField = (name: string): name is keyof typeof FIELD_WORDS => name in FIELD_WORDS
const LONG = 60
const AMOUNTS = { bytes, duration, moment: (at: string) => moment(at), number }

function Fields({ entry }: { readonly entry: Entry }) {
  const say = useAxisWords()
  const sayField = useFieldWords()
  const sayCommon = useCommon()
  const words = useMemo(
    () => ({
      yes: sayCommon('yes'),
      no: sayCommon('no'),
      none: sayCommon('none'),
      amounts: AMOUNTS,
    }),
    [sayCommon],
  )
  const parts = readEntry(entry, words).filter((fields) => fields.length > 0)
  if (parts.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {say('no_fields')}
      </Text>
    )
  const nameOf = ({ name }: ReadField): string =>
    isField(name) ? sayField(name) : name.replaceAll('_', ' ')
  return parts.map((fields, index) => (
    <div key={index}>
      {index > 0 && (
        <Text size="xs" c="dimmed" pb={4}>
          {entry.items[index]?.type === 'sip.message' ? say('also_wire') : entry.items[index]?.type}
        </Text>
      )}
      <dl className={css['fields']}>
        {fields.map((field) => (
          <div key={field.name} className={field.value.length > LONG ? css['wide'] : undefined}>
            <dt>{nameOf(field)}</dt>
            <dd>{field.value}</dd>
          </div>
        ))}
      </dl>
    </div>
  ))
}
