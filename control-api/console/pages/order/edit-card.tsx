// What staff say of an order: its status, which callers hear, and notes, which they do not.
import { useState, type SyntheticEvent } from 'react'
import { Button, Card, Group, NativeSelect, Stack, Text, Textarea, Title } from '@mantine/core'
import { asProblem } from '../../api/problem.ts'
import { Failure } from '../../components/failure.tsx'
import { useMay } from '../../session/session.tsx'
import { useCommon } from '../../words/common.ts'
import { asStatus, STATUSES } from '../orders/order-search.ts'
import { useOrders } from '../orders/words.ts'
import { ChangedMeanwhile } from './changed-meanwhile.tsx'
import { bodyOf, current, draftOf, isChange, newerValues, onto, type Draft } from './order-draft.ts'
import { statusBefore, type OneOrder } from './order-history.ts'
import { CONFLICT, useOrderChange } from './use-order-change.ts'
import { useOrder } from './words.ts'

const MAX_NOTES = 4000

export function EditCard({ order }: { readonly order: OneOrder }) {
  const say = useOrder()
  const common = useCommon()
  const may = useMay('operator')
  // Until somebody changes something here, it is what the order says, also when others change it.
  const [begun, setDraft] = useState<Draft | null>(null)
  const newer = begun === null ? undefined : newerValues(begun, order)
  const draft = begun === null ? draftOf(order) : current(begun, order)
  const isChanged = isChange(draft)
  const saving = useOrderChange(order.order_id, {
    done: say('saved'),
    onDone: () => setDraft(null),
    showsFailure: true,
  })
  const change = (patch: Partial<Draft>): void => {
    saving.reset()
    const next = { ...draft, ...patch }
    setDraft(isChange(next) ? next : null)
  }
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault()
    saving.run(bodyOf(draft))
  }
  const isFailure = saving.error !== null && asProblem(saving.error).status !== CONFLICT
  return (
    <Card withBorder component="section" aria-labelledby="edit-title">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Title order={2} size="h4" id="edit-title">
            {say('edit')}
          </Title>
          <Fields draft={draft} change={change} isOff={!may || saving.isRunning} />
          {newer !== undefined && (
            <ChangedMeanwhile
              newer={newer}
              take={() => setDraft(null)}
              keep={() => setDraft(onto(draft, order))}
            />
          )}
          {isFailure && <Failure error={saving.error} />}
          <Group gap="sm">
            <Button
              type="submit"
              size="xs"
              disabled={!may || !isChanged || newer !== undefined}
              loading={saving.isRunning}
              title={may ? undefined : common('needs_operator')}
            >
              {common('save')}
            </Button>
            {isChanged && newer === undefined && (
              <Button size="xs" variant="default" onClick={() => setDraft(null)}>
                {say('discard')}
              </Button>
            )}
            <UndoButton order={order} isOff={!may || isChanged || saving.isRunning} />
            {!may && (
              <Text size="sm" c="dimmed">
                {common('needs_operator')}
              </Text>
            )}
          </Group>
        </Stack>
      </form>
    </Card>
  )
}

interface FieldsProps {
  readonly draft: Draft
  readonly change: (patch: Partial<Draft>) => void
  readonly isOff: boolean
}

function Fields({ draft, change, isOff }: FieldsProps) {
  const say = useOrder()
  const list = useOrders()
  return (
    <>
      <NativeSelect
        label={list('status')}
        description={say('status_hint')}
        value={draft.status}
        onChange={(event) =>
          change({ status: asStatus(event.currentTarget.value) ?? draft.status })
        }
        disabled={isOff}
        maw={360}
        data={STATUSES.map((value) => ({ value, label: list(value) }))}
      />
      <Textarea
        label={list('notes')}
        description={say('notes_hint')}
        value={draft.notes}
        onChange={(event) => change({ notes: event.currentTarget.value })}
        disabled={isOff}
        maxLength={MAX_NOTES}
        rows={4}
      />
    </>
  )
}

interface UndoButtonProps {
  readonly order: OneOrder
  readonly isOff: boolean
}

/** A change like any other: the history keeps both. */
function UndoButton({ order, isOff }: UndoButtonProps) {
  const say = useOrder()
  const list = useOrders()
  const undoing = useOrderChange(order.order_id, { done: say('undone') })
  const before = statusBefore(order)
  if (before === undefined) return null
  return (
    <Button
      size="xs"
      variant="default"
      disabled={isOff}
      loading={undoing.isRunning}
      onClick={() => undoing.run({ status: before, updated_at: order.updated_at })}
    >
      {say('undo', { status: list(before) })}
    </Button>
  )
}
