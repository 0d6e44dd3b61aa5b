// Second front door of control-api, for the doctor: what it looks at, without the server around it. What is large is loaded
// when it is asked for: somebody waits for the first answer.
import type * as postgres from './db/postgres/examine.ts'
import type * as providers from './media-jobs/providers/examine-providers.ts'
import type * as bucket from './storage/examine-bucket.ts'
export { judgeAgentSettings } from './elevenlabs/agent-settings.ts'
export { findPrograms, PROGRAM_FOLDERS } from './media-jobs/video/programs.ts'

/** What a database of this version has been through, in order. */
export async function migrationNames(): Promise<readonly string[]> {
  const { MIGRATION_NAMES } = await import('./db/migrate.ts')
  return MIGRATION_NAMES
}

export const examinePostgres: typeof postgres.examinePostgres = async (url) => {
  const { examinePostgres } = await import('./db/postgres/examine.ts')
  return examinePostgres(url)
}

export const examineBucket: typeof bucket.examineBucket = async (config) => {
  const { examineBucket } = await import('./storage/examine-bucket.ts')
  return examineBucket(config)
}

export const examineProviders: typeof providers.examineProviders = async (media) => {
  const { examineProviders } = await import('./media-jobs/providers/examine-providers.ts')
  return examineProviders(media)
}
