// The files of SIP over TLS: read and proven at start, so that a wrong one stops the start and not the first call.
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { systemCodeOf } from '../errors/index.ts'

/** PEM texts, as the SIP server takes them. */
export interface SipTlsTexts {
  readonly cert?: string
  readonly key?: string
  readonly ca?: string
}

/** What lies outside the settings' own words; the tests bring their own. */
export interface Surroundings {
  /** @throws when the file cannot be read. */
  readonly readFile: (path: string) => string
  /** Epoch milliseconds: certificates are valid for a time. */
  readonly now: () => number
}

type TlsVariable = 'SIP_TLS_CERT' | 'SIP_TLS_KEY' | 'SIP_TLS_CA'
export type Found = (name: TlsVariable, problem: string) => void

const ONE_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g

/** The texts of the files that are named; what is wrong with them goes to `found`. */
export function readSipTls(
  paths: Readonly<Partial<Record<TlsVariable, string | undefined>>>,
  { readFile, now }: Surroundings,
  found: Found,
): SipTlsTexts {
  const texts: Partial<Record<TlsVariable, string>> = {}
  for (const name of ['SIP_TLS_CERT', 'SIP_TLS_KEY', 'SIP_TLS_CA'] as const) {
    const path = paths[name]
    if (path === undefined) continue
    try {
      texts[name] = readFile(path)
    } catch (error) {
      found(name, `names a file that cannot be read (${reasonOf(error)})`)
    }
  }
  const { SIP_TLS_CERT: cert, SIP_TLS_KEY: key, SIP_TLS_CA: ca } = texts
  const certificate = cert === undefined ? undefined : readCertificate(cert, now(), found)
  const privateKey = key === undefined ? undefined : readKey(key, found)
  if (certificate && privateKey && !certificate.checkPrivateKey(privateKey))
    found('SIP_TLS_KEY', 'is not the key of the certificate in SIP_TLS_CERT')
  if (ca !== undefined) judgeAuthorities(ca, now(), found)
  return {
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(ca === undefined ? {} : { ca }),
  }
}

/** The system's word for it, such as ENOENT; never the path, which the user knows. */
const reasonOf = (error: unknown): string => systemCodeOf(error) ?? 'no reason given'

function readCertificate(text: string, now: number, found: Found): X509Certificate | undefined {
  if (!holdsCertificates(text)) {
    found('SIP_TLS_CERT', 'must be a PEM file with a certificate')
    return undefined
  }
  // The first one is ours; those behind it are the chain.
  const certificate = new X509Certificate(text)
  const { validFromDate, validToDate } = certificate
  if (validToDate.getTime() < now)
    found('SIP_TLS_CERT', `is a certificate that expired on ${day(validToDate)}`)
  if (validFromDate.getTime() > now)
    found('SIP_TLS_CERT', `is a certificate that is not valid before ${day(validFromDate)}`)
  return certificate
}

const day = (date: Date): string => date.toISOString().slice(0, 10)

/** A bundle may carry what is over; one that is nothing else makes every call fail. */
function judgeAuthorities(text: string, now: number, found: Found): void {
  if (!holdsCertificates(text)) {
    found('SIP_TLS_CA', 'must be a PEM file with one certificate or more')
    return
  }
  const all = (text.match(ONE_CERTIFICATE) ?? []).map((block) => new X509Certificate(block))
  const begun = all.filter(({ validFromDate }) => validFromDate.getTime() <= now)
  if (begun.length === 0) found('SIP_TLS_CA', 'has no certificate that is valid yet')
  else if (begun.every(({ validToDate }) => validToDate.getTime() < now)) {
    const last = Math.max(...begun.map(({ validToDate }) => validToDate.getTime()))
    found('SIP_TLS_CA', `has only certificates that expired, the last on ${day(new Date(last))}`)
  }
}

function readKey(text: string, found: Found): KeyObject | undefined {
  try {
    return createPrivateKey(text)
  } catch {
    // OpenSSL's own words may quote the file.
    found('SIP_TLS_KEY', 'must be a PEM file with a private key that is not encrypted')
    return undefined
  }
}

function holdsCertificates(text: string): boolean {
  const blocks = text.match(ONE_CERTIFICATE) ?? []
  return blocks.length > 0 && blocks.every(isCertificate)
}

function isCertificate(block: string): boolean {
  try {
    return new X509Certificate(block).raw.length > 0
  } catch {
    // Not one: that is the answer.
    return false
  }
}
