// TLS as SIP uses it (RFC 3261 §26.3, RFC 5922): what we show, and whom we believe.
import { isIP } from 'node:net'
import {
  checkServerIdentity,
  createSecureContext,
  createServer,
  getCACertificates,
  setDefaultCACertificates,
  type ConnectionOptions,
  type SecureContext,
  type Server,
  type TlsOptions,
} from 'node:tls'
import type { SipTls } from '../../server-options.ts'

const MIN_VERSION = 'TLSv1.2'

/** The server that shakes hands with whoever calls us. */
export type CreateTlsServer = (options: Pick<TlsOptions, 'handshakeTimeout'>) => Server

/**
 * `undefined` without a certificate: then nobody can call us.
 * @throws Error with OpenSSL's code when the texts are not a certificate and its key.
 */
export function serverTls({ cert, key, ca }: SipTls): CreateTlsServer | undefined {
  if (cert === undefined && key === undefined) return undefined
  if (cert === undefined || key === undefined) {
    const missing = new Error('A TLS certificate and its key come together.')
    throw Object.assign(missing, { code: 'ERR_INVALID_ARG_VALUE' })
  }
  const shown = { cert, key, minVersion: MIN_VERSION } as const
  // Before anything listens: the server itself makes its own.
  createSecureContext(shown)
  // Who has a certificate may show it; who has none, or one we do not believe, is a caller like any other.
  const asked = { requestCert: true, rejectUnauthorized: false } as const
  return (options) => trusting(ca, () => createServer({ ...options, ...shown, ...asked }))
}

/** @throws Error when `ca` is no certificate. */
export function clientTrust({ ca }: SipTls): SecureContext {
  return createSecureContext({ ca: ca ?? systemAuthorities(), minVersion: MIN_VERSION })
}

/**
 * The certificate must be for `name`: the domain of the URI, or the address where there is none. Node compares it with
 * the DNS names, else the common name, or the addresses. RFC 5922 §7.1 also knows `sip:` URIs in a certificate, and §7.2
 * no wildcards: public authorities sign no such URIs and do sign wildcards, so this is what works.
 */
export function verifyAs(
  name: string,
): Pick<ConnectionOptions, 'servername' | 'checkServerIdentity' | 'rejectUnauthorized'> {
  return {
    // An address is not allowed here (RFC 6066 §3).
    servername: isIP(name) === 0 ? name : '',
    checkServerIdentity: (_asked, certificate) => checkServerIdentity(name, certificate),
    rejectUnauthorized: true,
  }
}

/**
 * Runs `create` with these for the authorities of contexts that name none. Those that a server's context names itself are
 * listed to each client in the handshake, which a few hundred of them break.
 */
function trusting<T>(ca: string | undefined, create: () => T): T {
  const usual = getCACertificates('default')
  setDefaultCACertificates(ca === undefined ? systemAuthorities() : certificatesIn(ca))
  try {
    return create()
  } finally {
    setDefaultCACertificates(usual)
  }
}

const certificatesIn = (pem: string): string[] =>
  pem.match(/-----BEGIN [A-Z ]*CERTIFICATE-----[^-]+-----END [A-Z ]*CERTIFICATE-----/g) ?? []

/** The machine's own, with those of NODE_EXTRA_CA_CERTS; Node's list where the machine has none. */
function systemAuthorities(): string[] {
  const own = [...getCACertificates('system'), ...getCACertificates('extra')]
  return own.length > 0 ? own : getCACertificates('default')
}
