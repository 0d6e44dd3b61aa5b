// What can be made ready while the phone rings: the signed URL, and a connection to the socket's host (DNS, TCP,
// TLS). Nothing billable: the upgrade request is not sent here. At most one warmed connection at a time.
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { AppError, messageOf, systemCodeOf } from '#core/errors'
import type { Logger } from '#core/telemetry'
import { monotonicMs } from '#core/time'
import type { AgentConnectionConfig } from './agent-connection-config.ts'
import { agentLookup } from './agent-lookup.ts'
import { publicSocketAddress } from './agent-url.ts'
import { RETRY_PAUSE_MS } from './session-end.ts'
import { fetchSignedUrl } from './signed-url.ts'

/** How long what was made ready counts as fresh. */
export interface Freshness {
  /** A connection is not used any more after this. */
  readonly connectionMs: number
  /** While ringing it is replaced a little before, so that an answer finds a fresh one. */
  readonly renewMs: number
  readonly signedUrlMs: number
}

const FRESHNESS: Freshness = {
  // Load balancers drop connections that never asked anything; half a minute is what they commonly allow.
  connectionMs: 30_000,
  renewMs: 25_000,
  // Valid for 15 minutes to start (vendor); fetched again well before.
  signedUrlMs: 600_000,
}
const RENEW_CHECK_MS = 1000
/** No phone rings longer; afterwards the next use connects anew. */
const RENEW_AT_MOST_MS = 180_000
const CONNECT_TIMEOUT_MS = 5000

/** All an upgrade request needs. Whoever takes it owns the connection. */
export interface PreparedUpgrade {
  readonly url: URL
  readonly socket: Socket
}

export interface Preparation {
  /** Resolves when everything is ready, and keeps it fresh until taken or closed. */
  warm(): Promise<void>
  /** Hands over what is ready, making it first where it is not. @throws AppError `AGENT_UNREACHABLE`. */
  take(): Promise<PreparedUpgrade>
  /** For another attempt: a new signed URL and a new connection, begun at once for the next `take`. */
  renew(): void
  close(): void
}

export interface PreparationOptions {
  readonly connection: AgentConnectionConfig
  readonly agentId: string
  /** One report a signed-URL request. */
  readonly onSignedUrlRequest: (result: 'ok' | 'failed', seconds: number) => void
  /** The vendor has no conversation left now. */
  readonly onBusy?: () => void
  readonly freshness?: Freshness
}

export function createPreparation(logger: Logger, options: PreparationOptions): Preparation {
  return new UpgradePreparation(logger, options)
}

interface WarmConnection {
  readonly host: string
  readonly socket: Socket
  readonly startedAt: number
  readonly ready: Promise<Socket>
}

class UpgradePreparation implements Preparation {
  readonly #logger: Logger
  readonly #options: PreparationOptions
  readonly #fresh: Freshness
  readonly #closed = new AbortController()
  #url: { readonly ready: Promise<URL>; readonly startedAt: number } | undefined
  #warm: WarmConnection | undefined
  #renewal: NodeJS.Timeout | undefined
  #isTaken = false

  constructor(logger: Logger, options: PreparationOptions) {
    this.#logger = logger
    this.#options = options
    this.#fresh = options.freshness ?? FRESHNESS
  }

  async warm(): Promise<void> {
    await this.#prepare()
    // An answer may have come while it was made ready: nobody waits for another connection then.
    if (!this.#closed.signal.aborted && !this.#isTaken) this.#keepFresh()
  }

  async take(): Promise<PreparedUpgrade> {
    this.#isTaken = true
    clearInterval(this.#renewal)
    const prepared = await this.#prepare()
    this.#warm = undefined
    return prepared
  }

  renew(): void {
    this.#url = undefined
    this.#discard()
    this.#prepare().catch((error: unknown) => this.#renewalFailed(error))
  }

  close(): void {
    this.#closed.abort(new AppError('INVALID_STATE', 'closed before the agent was opened'))
    clearInterval(this.#renewal)
    this.#discard()
  }

  async #prepare(): Promise<PreparedUpgrade> {
    // Both at once; the signed URL almost always names the host that is expected.
    const early = this.#connectionTo(this.#expectedUrl())
    early.catch(() => undefined) // The second look below meets the same fault, or finds that the host is another.
    const url = await this.#freshUrl()
    // Before, not after: a connection made now would have nobody left to close it.
    this.#closed.signal.throwIfAborted()
    return { url, socket: await this.#connectionTo(url).catch(() => this.#connectAgain(url)) }
  }

  /** Nothing was asked of the host yet, so a second try costs nothing but the pause. */
  async #connectAgain(url: URL): Promise<Socket> {
    await sleepFor(RETRY_PAUSE_MS, undefined, { signal: this.#closed.signal })
    return this.#connectionTo(url)
  }

  #expectedUrl(): URL {
    return publicSocketAddress(this.#options.connection, this.#options.agentId)
  }

  #freshUrl(): Promise<URL> {
    const known = this.#url
    if (known !== undefined && monotonicMs() - known.startedAt < this.#fresh.signedUrlMs) {
      return known.ready
    }
    const ready = this.#fetchUrl()
    this.#url = { ready, startedAt: monotonicMs() }
    // A failure is not kept: opening tries once more after a failed prewarm.
    ready.catch(() => (this.#url = undefined))
    return ready
  }

  async #fetchUrl(): Promise<URL> {
    const { connection, agentId, onSignedUrlRequest, onBusy } = this.#options
    const { apiKey } = connection
    if (apiKey === undefined) return this.#expectedUrl()
    const startedAt = monotonicMs()
    const report = (result: 'ok' | 'failed'): void =>
      onSignedUrlRequest(result, (monotonicMs() - startedAt) / 1000)
    try {
      const keyed = { ...connection, apiKey }
      const url = await fetchSignedUrl(keyed, agentId, this.#closed.signal, onBusy)
      report('ok')
      return url
    } catch (error) {
      if (!this.#closed.signal.aborted) report('failed')
      throw error
    }
  }

  #connectionTo(url: URL): Promise<Socket> {
    const known = this.#warm
    if (known?.host === url.host && isUsable(known, this.#fresh.connectionMs)) return known.ready
    this.#discard()
    const warm = connectTo(url)
    this.#warm = warm
    return warm.ready
  }

  #keepFresh(): void {
    const startedAt = monotonicMs()
    clearInterval(this.#renewal)
    this.#renewal = setInterval(() => {
      if (monotonicMs() - startedAt > RENEW_AT_MOST_MS) {
        clearInterval(this.#renewal)
        this.#discard()
      } else if (this.#warm === undefined || !isUsable(this.#warm, this.#fresh.renewMs)) {
        this.#discard()
        this.#prepare().catch((error: unknown) => this.#renewalFailed(error))
      }
    }, RENEW_CHECK_MS)
    this.#renewal.unref()
  }

  /** Opening will try again; a vendor in trouble is not asked every second until then. */
  #renewalFailed(error: unknown): void {
    clearInterval(this.#renewal)
    if (this.#closed.signal.aborted) return
    this.#logger.warn({ reason: messageOf(error) }, 'renewing the prewarmed connection failed')
  }

  #discard(): void {
    this.#warm?.socket.destroy()
    this.#warm = undefined
  }
}

const isUsable = (warm: WarmConnection, maxAgeMs: number): boolean =>
  !warm.socket.destroyed && !warm.socket.readableEnded && monotonicMs() - warm.startedAt < maxAgeMs

function connectTo(url: URL): WarmConnection {
  const secure = url.protocol === 'wss:'
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port)
  const socket = secure
    ? connectTls({
        host,
        port,
        lookup: agentLookup,
        ALPNProtocols: ['http/1.1'],
        ...(isIP(host) ? {} : { servername: host }),
      })
    : connectTcp({ host, port, lookup: agentLookup })
  socket.setNoDelay(true)
  const ready = new Promise<Socket>((resolve, reject) => {
    const fail = (why: string): void =>
      reject(new AppError('AGENT_UNREACHABLE', `no connection to the agent's host: ${why}`))
    const deadline = setTimeout(() => {
      fail(`none in ${CONNECT_TIMEOUT_MS} ms`)
      socket.destroy()
    }, CONNECT_TIMEOUT_MS)
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      clearTimeout(deadline)
      resolve(socket)
    })
    // Stays for the connection's life: a break while it waits is seen by isUsable, not thrown.
    socket.on('error', (error) => fail(systemCodeOf(error) ?? 'connection lost'))
    socket.once('close', () => {
      clearTimeout(deadline)
      fail('closed')
    })
  })
  // Whoever waits for it hears of a failure; an early connection may have nobody waiting.
  ready.catch(() => undefined)
  return { host: url.host, socket, startedAt: monotonicMs(), ready }
}
