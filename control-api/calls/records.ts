// The feature that lets the records of calls be counted and taken along: statistics, exports, debug bundles.
import type { ControlApiConfig } from '../control-api.ts'
import type { Feature, Platform } from '../features.ts'
import { debugRoute } from '../routes/calls/debug-route.ts'
import { exportRoute } from '../routes/calls/export-route.ts'
import { statisticsRoute } from '../routes/calls/statistics-route.ts'
import { createStatistics } from './statistics/statistics.ts'

export function openRecords(platform: Platform, { version }: ControlApiConfig): Feature {
  const statistics = createStatistics(platform.database)
  return {
    routes(app) {
      statisticsRoute(app, { ...platform, statistics })
      exportRoute(app, platform)
      debugRoute(app, platform, version)
    },
  }
}
