// Certificates for TLS on loopback, made by openssl when a test asks for them: good ones, and each kind of wrong one.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { needs, temporaryFolder } from './process.ts'

export const opensslOptions = needs('openssl', 'openssl')

export interface CertificateFiles {
  readonly cert: string
  readonly key: string
}

export interface TestCertificates {
  /** The authority that signed all but the self-signed one. */
  readonly ca: string
  /** For 127.0.0.1, localhost and the names asked for. */
  readonly good: CertificateFiles
  readonly expired: CertificateFiles
  /** For another name alone. */
  readonly otherName: CertificateFiles
  readonly selfSigned: CertificateFiles
  /** Its common name is `Only.CN.test`; no alternative names. */
  readonly commonName: CertificateFiles
}

/** PEM text of such a file. */
export const pemOf = (file: string): string => readFileSync(file, 'utf8')

/** @param names DNS names of the good one and the expired one */
export function makeCertificates(t: Test, names: readonly string[] = []): TestCertificates {
  const folder = temporaryFolder(t, 'certificates')
  const authority = makeAuthority(folder)
  const subject = ['IP:127.0.0.1', 'DNS:localhost', ...names.map((name) => `DNS:${name}`)]
  return {
    ca: authority.cert,
    good: makeLeaf(folder, 'good', subject, authority),
    expired: makeLeaf(folder, 'expired', subject, authority, { isExpired: true }),
    otherName: makeLeaf(folder, 'other-name', ['DNS:other.test'], authority),
    selfSigned: makeLeaf(folder, 'self-signed', subject),
    commonName: makeLeaf(folder, 'Only.CN.test', [], authority),
  }
}

/** One that nobody has to trust, for as many days as that. */
export const makeCertificate = (t: Test, days: number): CertificateFiles =>
  makeLeaf(temporaryFolder(t, 'certificate'), 'ours', ['IP:127.0.0.1'], undefined, { days })

function makeAuthority(folder: string): CertificateFiles {
  const files = filesOf(folder, 'ca')
  openssl(
    ...newKey(files),
    '-x509',
    '-days',
    '2',
    '-subj',
    '/CN=test authority',
    '-out',
    files.cert,
  )
  return files
}

function makeLeaf(
  folder: string,
  name: string,
  subject: readonly string[],
  authority?: CertificateFiles,
  { days = 2, isExpired = false } = {},
): CertificateFiles {
  const files = filesOf(folder, name)
  const alternatives = subject.length === 0 ? '' : `subjectAltName=${subject.join(',')}`
  const about = ['-subj', `/CN=${name}`, ...(alternatives === '' ? [] : ['-addext', alternatives])]
  if (!authority) {
    openssl(...newKey(files), '-x509', '-days', String(days), ...about, '-out', files.cert)
    return files
  }
  const request = join(folder, `${name}.csr`)
  const extensions = join(folder, `${name}.ext`)
  openssl(...newKey(files), ...about, '-out', request)
  writeFileSync(extensions, `${alternatives}\nbasicConstraints=CA:FALSE\n`)
  openssl(
    ...['x509', '-req', '-in', request, '-out', files.cert, '-extfile', extensions],
    ...['-CA', authority.cert, '-CAkey', authority.key, '-CAcreateserial'],
    // It ended a day before it was made.
    ...['-days', isExpired ? '-1' : String(days)],
  )
  return files
}

const filesOf = (folder: string, name: string): CertificateFiles => ({
  cert: join(folder, `${name}.pem`),
  key: join(folder, `${name}.key`),
})

const newKey = ({ key }: CertificateFiles): string[] => [
  ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key],
]

function openssl(...args: readonly string[]): void {
  const run = spawnSync('openssl', args, { encoding: 'utf8', timeout: 10_000 })
  if (run.status !== 0) throw new Error(`openssl ${args.join(' ')}: ${run.stderr}`)
}
