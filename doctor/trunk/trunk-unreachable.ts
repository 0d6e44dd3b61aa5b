// Nobody answered: what to do about each reason that our SIP server gives.
import type { TrunkNames } from './trunk-names.ts'

const CLOCK = 'the clock of this machine'

/** The phrases of gateway/embedded (transport/stream/connection-failure.ts, drachtio/request-route.ts). */
const TODO: Readonly<Record<string, (names: TrunkNames) => string>> = {
  'Certificate Not Trusted': () =>
    'Set SIP_TLS_CA to a PEM file with the authority that signed the carrier’s certificate.',
  'Certificate Is For Another Name': ({ proxy }) =>
    `Write the host in ${proxy} as the carrier’s certificate names it (openssl s_client -connect HOST:PORT shows it).`,
  'Certificate Has Expired': () =>
    `The carrier’s certificate is over: ask it to renew, and check ${CLOCK}.`,
  'Certificate Is Not Valid Yet': () => `Check ${CLOCK}, then ask the carrier.`,
  'TLS Handshake Failed': ({ proxy }) =>
    `Check that the port of ${proxy} speaks TLS (1.2 or newer) and asks for no client certificate.`,
  'No Such Transport': () =>
    'Add an address to SIP_LISTEN (or a contact to drachtio-server) that speaks the transport and the IP version of the carrier.',
  'DNS Error': ({ domain, proxy }) =>
    `Check how ${domain} and ${proxy} are written, and the name servers.`,
}

export const whatToDo = (why: string, names: TrunkNames): string =>
  TODO[why]?.(names) ?? `Check ${names.domain}, ${names.proxy} and the firewall.`
