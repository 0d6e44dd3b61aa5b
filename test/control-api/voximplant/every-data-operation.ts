// The same of history, transcripts, audio and statistics: on a linked application whose history has one call.
import type { VoximplantSimulator } from '../../../simulators/voximplant/index.ts'
import type { OperationAsker } from './every-operation.ts'
import { eventually } from '../../support/build-app.ts'
import { DAY_MS, pastSession, utc, type SyncShown } from './past-sessions.ts'

type Used = (
  id: string,
  options?: object,
  status?: number,
) => Promise<Awaited<ReturnType<OperationAsker['ask']>>['data']>

interface Linked {
  readonly applicationId: string
  /** The vendor's. */
  readonly vendorId: number
  readonly vendor: VoximplantSimulator
}

export async function useCallData(
  used: Used,
  { applicationId, vendorId, vendor }: Linked,
): Promise<void> {
  const at = Math.floor(Date.now() / DAY_MS - 1) * DAY_MS
  const session = { id: 4711, applicationId: vendorId, at, talkSeconds: 20, recordId: 4712 }
  vendor.addHistory([pastSession(session)])
  const one = { path: { id: applicationId } }
  const day = utc(at).slice(0, 10)
  const sync = await used('syncVoximplantCalls', { ...one, body: { from_date: day, to_date: day } })
  await used('syncVoximplantPending', one)
  await used('listVoximplantSyncs', one)
  const ofSync = { path: { id: applicationId, sync_id: String(sync['sync_id']) } }
  await used('getVoximplantSync', ofSync)
  await useCancel(used, { applicationId, vendorId, vendor })
  await used('getVoximplantStatistics', { query: { application_id: applicationId } })
  const found = await used('listCalls', { query: { application_id: applicationId } })
  const [call] = found['items'] as readonly { readonly call_id: string }[]
  const ofCall = { path: { call_id: call?.call_id } }
  for (const id of ['syncVoximplantTranscript', 'syncVoximplantAudio', 'syncVoximplantCall'])
    await used(id, ofCall)
}

/** Of one that runs: the vendor takes its time. */
async function useCancel(used: Used, { applicationId, vendor }: Linked): Promise<void> {
  const one = { path: { id: applicationId } }
  vendor.fail({ kind: 'slow', ms: 1000 }, { of: 'GetCallHistory', times: 4 })
  const body = { from_date: '2026-01-01', to_date: '2026-01-02' }
  const asked = used('syncVoximplantCalls', { ...one, body })
  let running: SyncShown | undefined
  await eventually('it runs', async () => {
    const { items } = await used('listVoximplantSyncs', one)
    running = (items as readonly SyncShown[]).find(({ state }) => state === 'running')
    return running !== undefined
  })
  await used('cancelVoximplantSync', { path: { ...one.path, sync_id: running?.sync_id } })
  await asked
}
