// What an application says of the calls that are placed by it, where whoever places one does not.
import type { StartingApplication } from '../../routes/calls/start-call-body.ts'
import type { ApplicationStore } from '../applications/application-store.ts'
import { decodeScenarioOptions } from '../applications/scenario-options.ts'

export const startingApplications =
  (store: Pick<ApplicationStore, 'find'>) =>
  async (applicationId: string): Promise<StartingApplication | undefined> => {
    const row = await store.find(applicationId)
    return (
      row && {
        agentId: row.elevenlabs_agent_id,
        maxDurationSeconds: decodeScenarioOptions(row.options).max_duration_seconds,
      }
    )
  }
