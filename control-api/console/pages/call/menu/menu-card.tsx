// The menu of a call: each question in order, how it was answered, and the orders that came of it.
import { Anchor, Badge, Card, Group, Stack, Text, Title, UnstyledButton } from '@mantine/core'
import { Link } from 'wouter'
import { asProblem } from '../../../api/problem.ts'
import { Failure } from '../../../components/failure.tsx'
import { useMenuWords } from '../../../components/menu-words.ts'
import { duration } from '../../../words/amounts.ts'
import { OrderStatusBadge } from '../../orders/order-status.tsx'
import type { CallAxisProps } from '../axis/axis-types.ts'
import { languageName } from '../head/language-name.ts'
import { clock } from '../transcript/turns.ts'
import { hadMenu, menuRows, menuSeconds, type Flow, type MenuRow } from './menu-rows.ts'
import type { useMenu } from './use-menu.ts'
import styles from './menu.module.css'
import { useMenuCardWords } from './words.ts'

type Choosing = Pick<CallAxisProps, 'selected' | 'onSelect' | 'player'>

interface MenuCardProps extends Choosing {
  readonly call: CallAxisProps['call']
  readonly menu: ReturnType<typeof useMenu>
}

/** Nothing, where there was no menu. */
export function MenuCard({ call, menu, ...choosing }: MenuCardProps) {
  const say = useMenuCardWords()
  const { data: flow, error, refetch } = menu
  if (flow === undefined)
    // That there is no such call is said by the page.
    return error === null || asProblem(error).status === 404 ? null : (
      <Failure error={error} retry={() => void refetch()} />
    )
  if (!hadMenu(flow)) return null
  return (
    <Card withBorder component="section" aria-labelledby="menu-title">
      <Stack gap="sm">
        <Group gap="xs" align="baseline">
          <Title order={2} size="h5" id="menu-title">
            {say('title')}
          </Title>
          <Text size="sm" c="dimmed">
            {aboutWords(flow, say)}
          </Text>
        </Group>
        <Steps rows={menuRows(flow, call.created_at, call.status !== 'ended')} {...choosing} />
        <Orders orders={flow.orders} />
      </Stack>
    </Card>
  )
}

function aboutWords(flow: Flow, say: ReturnType<typeof useMenuCardWords>): string {
  const seconds = menuSeconds(flow)
  return [
    flow.language === null ? '' : languageName(flow.language),
    seconds === null ? '' : duration(seconds),
    flow.steps.length === 0 ? '' : say('questions', { count: asked(flow) }),
  ]
    .filter(Boolean)
    .join(' · ')
}

/** A goodbye asks nothing. */
const asked = ({ steps }: Flow): number => steps.filter(({ step }) => step !== 'end').length

function Steps({ rows, ...choosing }: Choosing & { readonly rows: readonly MenuRow[] }) {
  const say = useMenuCardWords()
  if (rows.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {say('steps_gone')}
      </Text>
    )
  return (
    <ol className={styles['steps']} aria-label={say('title')}>
      {rows.map((row, index) => (
        // Two may be asked at the same moment.
        <Step key={`${index} ${row.key}`} row={row} {...choosing} />
      ))}
    </ol>
  )
}

function Step({ row, selected, onSelect, player }: Choosing & { readonly row: MenuRow }) {
  const say = useMenuCardWords()
  const menu = useMenuWords()
  const { key, offsetMs, step, attempt } = row
  const time = clock(offsetMs)
  const go = (): void => {
    player.seek(offsetMs)
    onSelect({ offsetMs, key })
  }
  return (
    <li className={styles['step']} data-selected={selected?.key === key || undefined} onClick={go}>
      {/* The click goes on to the whole row; this is for the keyboard. */}
      <UnstyledButton fz="xs" c="dimmed" aria-label={say('go_to', { time })}>
        {time}
      </UnstyledButton>
      <span>
        <Text span size="sm" className={styles['asked']}>
          {menu('step', step)}
        </Text>{' '}
        {attempt > 1 && (
          <Text span size="xs" c="dimmed">
            {say('attempt', { attempt })}
          </Text>
        )}
      </span>
      <Answer row={row} />
    </li>
  )
}

const COLORS: Readonly<Record<MenuRow['answer'], string>> = {
  yes: 'teal',
  no: 'gray',
  entry: 'signal',
  repeat: 'gray',
  human: 'signal',
  invalid: 'yellow',
  silence: 'yellow',
  'transfer-failed': 'red',
  waiting: 'signal',
  unheard: 'gray',
  nothing: 'gray',
}

function Answer({ row: { answer, digits, isForgotten } }: { readonly row: MenuRow }) {
  const say = useMenuCardWords()
  const menu = useMenuWords()
  if (answer === 'nothing') return <span className={styles['answer']} />
  const isOurs = answer === 'waiting' || answer === 'unheard'
  return (
    <span className={styles['answer']}>
      <Badge variant="light" color={COLORS[answer]}>
        {isOurs ? say(answer) : menu('answer', answer)}
      </Badge>
      {digits !== null && (
        <Text span size="sm" className={styles['digits']}>
          {digits.length > 1 || answer === 'entry' ? digits : say('key', { digit: digits })}
        </Text>
      )}
      {isForgotten && (
        <Text span size="xs" c="dimmed">
          {say('not_kept')}
        </Text>
      )}
    </span>
  )
}

function Orders({ orders }: Pick<Flow, 'orders'>) {
  const say = useMenuCardWords()
  if (orders.length === 0) return null
  return (
    <>
      <Title order={3} size="h6">
        {say('orders')}
      </Title>
      <Stack gap={6} component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
        {orders.map(({ order_id: id, order_number: number, status }) => (
          <Group key={id} gap="sm" component="li">
            <Anchor component={Link} href={`/orders/${id}`} size="sm">
              {say('order', { number })}
            </Anchor>
            <OrderStatusBadge status={status} />
          </Group>
        ))}
      </Stack>
    </>
  )
}
