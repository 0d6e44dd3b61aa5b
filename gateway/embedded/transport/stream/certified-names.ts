// Whom a client's certificate is for, once it was verified (RFC 5922 §7.1, without its `sip:` URIs: nobody signs such).
import type { TLSSocket } from 'node:tls'

/** More names than a carrier has; a certificate may hold thousands. */
const MAX_NAMES = 20
const DNS_NAME = /^(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9])?$/
/** One entry as Node writes them; whatever could be taken for more than one is quoted (CVE-2021-44532). */
const ENTRY = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/gy

/** Lower case; undefined without a certificate, or with one that nobody we trust vouches for. */
export function certifiedNames(socket: TLSSocket): readonly string[] | undefined {
  // A resumed session without a certificate counts as authorized, too.
  const certificate = socket.authorized ? socket.getPeerX509Certificate() : undefined
  if (certificate === undefined) return undefined
  const { subjectAltName } = certificate
  const names =
    subjectAltName === undefined
      ? commonNames(certificate.toLegacyObject().subject.CN)
      : dnsNames(subjectAltName)
  const usable = names.map((name) => name.toLowerCase()).filter((name) => DNS_NAME.test(name))
  return usable.length === 0 ? undefined : usable.slice(0, MAX_NAMES)
}

function dnsNames(subjectAltName: string): string[] {
  const names: string[] = []
  for (const [, type, value = ''] of subjectAltName.matchAll(ENTRY))
    if (type === 'DNS') names.push(value)
  return names
}

/** Node's types know of one; a subject may have several. */
const commonNames = (found: unknown): string[] =>
  [found].flat().filter((name) => typeof name === 'string')
