// What the metrics say of the node as a whole: what it is, what it may cost, what it stands on.
import { X509Certificate } from 'node:crypto'
import type { Config } from '#core/config'
import { withAgentCost, type Metrics } from '#core/telemetry'
import { exposeDisk } from './disk-space.ts'

type NodeConfig = Pick<Config, 'agent' | 'dataDir' | 'sipTls' | 'drachtio'>

/** The metrics that everybody is to count with. */
export function nodeMetrics(metrics: Metrics, config: NodeConfig, version: string): Metrics {
  const { agent, dataDir } = config
  metrics.set('build_info', 1, { version, node: process.version })
  metrics.set('agent_budget_usd_per_day', agent.budgetPerDay)
  exposeCertificate(metrics, config)
  exposeDisk(metrics, dataDir)
  return withAgentCost(metrics, agent.pricePerMinute)
}

/** The one that is shown was read when we started: a new file says nothing about it until the next start. */
function exposeCertificate(metrics: Metrics, { sipTls, drachtio }: NodeConfig): void {
  // A drachtio-server has its own.
  if (sipTls.cert === undefined || drachtio !== undefined) return
  // The first is ours, those behind it are the chain.
  const { validToDate } = new X509Certificate(sipTls.cert)
  const certificate = 'sip'
  metrics.set('certificate_not_after_seconds', validToDate.getTime() / 1000, { certificate })
}
