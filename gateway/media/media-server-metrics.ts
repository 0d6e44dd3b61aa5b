// Whether the media server is there, in the metrics. (The SIP server is one that /ready asks: control-api says that.)
import type { Metrics } from '#core/telemetry'
import type { MediaServer } from './media-server-port.ts'

export function exposeMediaServer(
  metrics: Pick<Metrics, 'set' | 'onScrape'>,
  server: Pick<MediaServer, 'isConnected'>,
): void {
  const component = 'media-server'
  metrics.onScrape(component, () =>
    metrics.set('component_up', server.isConnected ? 1 : 0, { component }),
  )
}
