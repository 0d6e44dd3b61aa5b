// The OpenAPI document of all routes, made on an empty data folder that is gone afterwards: nothing listens.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCallEventBus } from '#core/events'
import { createLogger, createMetrics } from '#core/telemetry'
import { createClock } from '#core/time'
import { openControlApi } from './control-api.ts'

/** The same as `GET /openapi.json` of that version. Called by scripts/rendered-documents.ts. */
export async function renderApiDocument(version: string): Promise<object> {
  const dataDir = await mkdtemp(join(tmpdir(), 'voicegate-openapi-'))
  const nobody = (): never => {
    throw new Error('nobody is to ask')
  }
  try {
    const api = await openControlApi(
      {
        logger: createLogger('silent'),
        metrics: createMetrics(),
        clock: createClock(),
        events: createCallEventBus(nobody),
        callControl: () => undefined,
        sipTrace: { ofCall: nobody },
      },
      {
        httpHost: '127.0.0.1',
        httpPort: 0,
        dataDir,
        requireKey: false,
        rehearsal: true,
        defaultAgentId: undefined,
        agentVariables: [],
        pricePerMinute: 0,
        version,
        howTo: nobody,
      },
    )
    try {
      return api.describe()
    } finally {
      await api.close()
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}
