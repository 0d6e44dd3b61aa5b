// The control API by itself, on loopback, with nobody to call: for child processes and benches, which say what is otherwise.
import {
  openControlApi,
  type ControlApi,
  type ControlApiConfig,
  type ControlApiDeps,
} from '../../control-api/index.ts'
import { createCallEventBus } from '../../core/events/index.ts'
import { createLogger, createMetrics } from '../../core/telemetry/index.ts'
import { createClock } from '../../core/time/index.ts'

export const openBareApi = (
  config: Partial<ControlApiConfig> & Pick<ControlApiConfig, 'dataDir'>,
  deps: Partial<ControlApiDeps> = {},
): Promise<ControlApi> =>
  openControlApi(
    {
      logger: createLogger('warn', process.stderr),
      metrics: createMetrics(),
      clock: createClock(),
      events: createCallEventBus((error) => {
        throw error
      }),
      callControl: () => undefined,
      sipTrace: { ofCall: () => Promise.resolve({ kind: 'unavailable', why: 'There is none.' }) },
      ...deps,
    },
    {
      httpHost: '127.0.0.1',
      httpPort: 0,
      requireKey: false,
      rehearsal: true,
      defaultAgentId: undefined,
      agentVariables: [],
      pricePerMinute: 0.08,
      version: '0.0.0-test',
      howTo: () => ({ apiUrl: '', sipUri: '', exampleCurl: '', demoNumbers: [] }),
      ...config,
    },
  )
