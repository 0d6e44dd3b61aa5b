// Run a rehearsal scenario and watch: for the console.
import type { Feature, Platform } from '../features.ts'
import { rehearsalRoutes } from '../routes/rehearsals/rehearsal-routes.ts'
import { RehearsalRuns } from './rehearsal-runs.ts'
import type { Rehearsals } from './rehearsals.ts'

export function openRehearsals(
  platform: Platform,
  config: { readonly rehearsal: boolean; readonly rehearsals?: Rehearsals | undefined },
): Feature {
  const { rehearsals, rehearsal: isRehearsal } = config
  const runs = new RehearsalRuns(platform, { rehearsals, isRehearsal })
  return {
    routes(app) {
      rehearsalRoutes(app, { ...platform, runs })
    },
    drain: () => runs.close(),
    close: () => runs.close(),
  }
}
