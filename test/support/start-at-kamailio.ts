// The product, configured as a customer of the carrier that Kamailio plays: over UDP, TCP or TLS.
import type { Test } from 'tap'
import type { CertificateFiles } from './certificates.ts'
import type { Kamailio, SipProtocol } from './kamailio.ts'
import { startProduct, type Product, type ProductOptions } from './start-product.ts'

export interface CustomerOptions {
  readonly protocol: SipProtocol
  /** Whom it trusts, and what it shows to those who call it over TLS; files. */
  readonly tls?: { readonly ca: string; readonly own?: CertificateFiles }
  readonly password?: string
  readonly settings?: Readonly<Record<string, string>>
  readonly agent?: ProductOptions['agent']
}

export function startAtKamailio(
  t: Test,
  kamailio: Kamailio,
  { protocol, tls, password, settings, agent }: CustomerOptions,
): Promise<Product> {
  return startProduct(t, {
    isConfigured: true,
    ...(agent ? { agent } : {}),
    settings: {
      SIP_LISTEN: `${protocol}:127.0.0.1:0`,
      EXOLVE_SIP_USER: kamailio.user,
      EXOLVE_SIP_PASS: password ?? kamailio.password,
      EXOLVE_SIP_DOMAIN: kamailio.address(protocol),
      EXOLVE_SIP_PROXY: kamailio.proxyUri(protocol),
      DIAL_ALLOW_PREFIXES: '+49',
      ...(tls ? { SIP_TLS_CA: tls.ca } : {}),
      ...(tls?.own ? { SIP_TLS_CERT: tls.own.cert, SIP_TLS_KEY: tls.own.key } : {}),
      ...settings,
    },
  })
}
