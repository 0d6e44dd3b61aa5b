// Sends a change of an order. When somebody else was first, what they changed is read at once.
import type { ChangeOrderData, ChangeOrderResponse } from '../../api/generated/types.gen.ts'
import { getOrderQueryKey } from '../../api/generated/@tanstack/react-query.gen.ts'
import { changeOrder } from '../../api/generated/sdk.gen.ts'
import { asProblem } from '../../api/problem.ts'
import { queryClient } from '../../api/queries.ts'
import { useAction, type Action } from '../../components/use-action.ts'
import { refreshOrders } from '../orders/fresh-orders.ts'
import type { OneOrder } from './order-history.ts'

export const CONFLICT = 409

type Body = ChangeOrderData['body']

interface ChangeOptions {
  readonly done: string
  readonly onDone?: () => void
  readonly showsFailure?: boolean
}

export function useOrderChange(orderId: string, options: ChangeOptions): Action<Body> {
  const path = { order_id: orderId }
  return useAction(
    async (body: Body) => {
      try {
        return (await changeOrder({ path, body })).data
      } catch (error) {
        if (asProblem(error).status === CONFLICT) await refreshOrders()
        throw error
      }
    },
    {
      ...options,
      onDone: (changed) => {
        keep(changed)
        void refreshOrders()
        options.onDone?.()
      },
    },
  )
}

/** At once; its history comes with the next reading. */
function keep(changed: ChangeOrderResponse): void {
  const queryKey = getOrderQueryKey({ path: { order_id: changed.order_id } })
  queryClient.setQueryData<OneOrder>(queryKey, (known) => known && { ...known, ...changed })
}
