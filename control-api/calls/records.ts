// The feature that lets the records of calls be counted and taken along: statistics, exports, debug bundles,
// peaks of recordings and silences.
import type { ControlApiConfig } from '../control-api.ts'
import type { Feature, Platform } from '../features.ts'
import { debugRoute } from '../routes/calls/debug-route.ts'
import { exportRoute } from '../routes/calls/export-route.ts'
import { peaksRoute } from '../routes/calls/peaks-route.ts'
import { silencesRoute } from '../routes/calls/silences-route.ts'
import { statisticsRoute } from '../routes/calls/statistics-route.ts'
import { createPeakDesk } from './peaks/peak-desk.ts'
import { createStatistics } from './statistics/statistics.ts'

export function openRecords(platform: Platform, { version }: ControlApiConfig): Feature {
  const statistics = createStatistics(platform.database)
  const peaks = createPeakDesk(platform)
  return {
    routes(app) {
      statisticsRoute(app, { ...platform, statistics })
      exportRoute(app, platform)
      debugRoute(app, platform, version)
      peaksRoute(app, { ...platform, peaks })
      silencesRoute(app, { ...platform, peaks })
    },
    close() {
      peaks.close()
      return Promise.resolve()
    },
  }
}
