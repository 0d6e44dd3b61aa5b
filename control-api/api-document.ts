// The OpenAPI document of all routes, made without starting anything: nothing listens, no file is opened.
import { createLogger, createMetrics } from '#core/telemetry'
import { createApp, type AppDeps } from './app.ts'
import { createReadiness } from './readiness.ts'

/** The same as `GET /openapi.json` of that version. Called by scripts/rendered-documents.ts. */
export async function renderApiDocument(version: string): Promise<object> {
  const nothing = { logger: createLogger('silent'), metrics: createMetrics() }
  const app = await createApp(
    { ...nothing, ...absent(), readiness: createReadiness(), callControl: () => undefined },
    {
      httpHost: '127.0.0.1',
      version,
      rehearsal: true,
      defaultAgentId: undefined,
      howTo: () => {
        throw new Error('nobody is to ask')
      },
    },
  )
  try {
    return app.swagger()
  } finally {
    await app.close()
  }
}

type Unused = Omit<AppDeps, 'logger' | 'metrics' | 'readiness' | 'callControl'>

/** Routes are described, never called: what they would work with is not there. */
function absent(): Unused {
  const none = new Proxy(
    {},
    {
      get: (_target, name) => {
        throw new Error(`a route was only to be described, but it used ${String(name)}`)
      },
    },
  )
  const names: Record<keyof Unused, unknown> = {
    database: none,
    calls: none,
    recorder: none,
    cursors: none,
    clock: none,
    idempotency: none,
    keys: none,
    sipTrace: none,
    mediaStore: none,
  }
  return names as Unused
}
