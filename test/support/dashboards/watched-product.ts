// A product of simulated calls that a Prometheus watches as the shipped one would, but every second.
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Test } from 'tap'
import { parse, stringify } from 'yaml'
import { makeCertificate } from '../certificates.ts'
import { temporaryFolder } from '../process.ts'
import { startPrometheus, type Prometheus } from '../prometheus.ts'
import { startProduct, type Product, type ProductOptions } from '../start-product.ts'
import { WebhookReceiver } from '../webhook-receiver.ts'
import { RULE_FILES } from './sources.ts'

export interface Watched {
  readonly product: Product
  readonly prometheus: Prometheus
  /** Who is told of each call that ended. */
  readonly receiver: WebhookReceiver
}

export interface WatchedOptions extends ProductOptions {
  /** With a `for` of seconds: an alert fires as soon as its expression is true and stays so. */
  readonly isImpatient?: boolean
  /** How long the SIP server's certificate is good for. */
  readonly certificateDays?: number
}

/** A page takes longer than a second on a machine that runs much else. */
const SCRAPE_MS = 2000
/** What was not there at the last scrape is not seen to grow: so long until all that is was scraped. */
export const SCRAPED_MS = 2 * SCRAPE_MS + 500
/** One scrape that failed is no alert. */
const IMPATIENCE = '4s'
/** Good for a day longer than any alert asks. */
const CERTIFICATE_DAYS = 15

export async function startWatched(t: Test, options: WatchedOptions = {}): Promise<Watched> {
  const receiver = await WebhookReceiver.listen(t)
  const { cert, key } = makeCertificate(t, options.certificateDays ?? CERTIFICATE_DAYS)
  const { host } = new URL(receiver.url())
  const product = await startProduct(t, {
    ...options,
    settings: {
      SIP_LISTEN: 'udp:127.0.0.1:0,tls:127.0.0.1:0',
      SIP_TLS_CERT: cert,
      SIP_TLS_KEY: key,
      WEBHOOK_ALLOW_HOSTS: host,
      RECORD_CALLS: 'always',
      AGENT_BUDGET_PER_DAY: '50',
      ...options.settings,
    },
  })
  await addWebhook(product, receiver)
  const { isImpatient = false } = options
  const address = new URL(product.view.apiUrl).host
  const prometheus = await watch(t, { address, isImpatient })
  return { product, prometheus, receiver }
}

/** A Prometheus for whatever answers at that address. */
export const watch = (
  t: Test,
  { address, isImpatient }: { readonly address: string; readonly isImpatient: boolean },
): Promise<Prometheus> =>
  startPrometheus(t, {
    targets: [{ address }],
    rules: isImpatient ? impatientRules(t) : RULE_FILES(),
    scrapeIntervalMs: SCRAPE_MS,
    evaluationIntervalMs: 1000,
  })

async function addWebhook({ view }: Product, receiver: WebhookReceiver): Promise<void> {
  const body = JSON.stringify({ url: receiver.url(), types: ['call.ended'] })
  const { status } = await view.request('/api/webhooks', { method: 'POST', body })
  if (status !== 201) throw new Error(`the webhook was not added: ${status}`)
}

/** Copies of the shipped rules that wait for seconds where those wait for minutes. */
function impatientRules(t: Test): readonly string[] {
  const folder = temporaryFolder(t, 'rules')
  return RULE_FILES().map((file) => {
    const rules = parse(readFileSync(file, 'utf8')) as { groups: { rules: { for?: string }[] }[] }
    for (const rule of rules.groups.flatMap((group) => group.rules))
      if (rule.for !== undefined) rule.for = IMPATIENCE
    const copy = join(folder, basename(file))
    writeFileSync(copy, stringify(rules))
    return copy
  })
}
