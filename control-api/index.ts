// Front door of control-api: REST, the record of calls, the console page. Opened by main.ts.
export { renderApiDocument } from './api-document.ts'
export { openControlApi } from './control-api.ts'
export type { ControlApi, ControlApiConfig, ControlApiDeps } from './control-api.ts'
export { MIGRATION_NAMES } from './db/migrate.ts'
export { createSpeechSource } from './elevenlabs/speech-source.ts'
export type { Readiness } from './readiness.ts'
export type { HowTo } from './routes/console.ts'
