// Which job a message of a provider is about, and whether there is one.
import type { Database } from '../../../db/database.ts'
import type { AnimationProviderName } from '../../animation/animation.ts'

export const TASK_ID = /^ani_[0-9a-f]{24}$/

/** One of them at least is known. */
export interface ToldJob {
  readonly provider: AnimationProviderName
  readonly taskId?: string
  readonly providerJobId?: string
}

/** Of a client reference: `<task_id>-<n>`. */
export const taskOfClientRef = (clientRef: string): string | undefined =>
  /^(ani_[0-9a-f]{24})-\d{1,9}$/.exec(clientRef)?.[1]

export async function isThere(
  { query }: Pick<Database, 'query'>,
  { provider, taskId, providerJobId }: ToldJob,
): Promise<boolean> {
  const row = await query
    .selectFrom('animations')
    .select('task_id')
    .where('provider', '=', provider)
    .where((eb) =>
      eb.or([
        ...(taskId === undefined ? [] : [eb('task_id', '=', taskId)]),
        ...(providerJobId === undefined ? [] : [eb('provider_job_id', '=', providerJobId)]),
      ]),
    )
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
