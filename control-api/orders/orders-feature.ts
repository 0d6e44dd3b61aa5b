// Orders that callers confirmed by keypad: lists, what staff change, consent with its proof, statistics of both.
import { openPageCursors } from '../calls/page-cursor.ts'
import type { Feature, Platform } from '../features.ts'
import { callFlowRoutes } from '../routes/orders/call-flow-routes.ts'
import { orderRoutes } from '../routes/orders/order-routes.ts'
import { orderStatisticsRoute } from '../routes/orders/order-statistics-route.ts'
import { createOrderStatistics } from './order-statistics.ts'
import { createOrderStore } from './order-store.ts'

export async function openOrders(platform: Platform): Promise<Feature> {
  const { database, clock } = platform
  const orders = createOrderStore(database)
  const cursors = await openPageCursors(database, clock)
  const statistics = createOrderStatistics(database)
  return {
    routes(app) {
      orderRoutes(app, { ...platform, orders, cursors })
      callFlowRoutes(app, { ...platform, orders })
      orderStatisticsRoute(app, { statistics, clock })
    },
  }
}
