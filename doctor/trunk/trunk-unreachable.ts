// Nobody answered: what to do about each reason that our SIP server gives.

const WHERE = 'EXOLVE_SIP_DOMAIN, EXOLVE_SIP_PROXY and the firewall'
const CLOCK = 'the clock of this machine'

/** The phrases of gateway/embedded (transport/stream/connection-failure.ts, drachtio/request-route.ts). */
const TODO: Readonly<Record<string, string>> = {
  'Certificate Not Trusted':
    'Set SIP_TLS_CA to a PEM file with the authority that signed the carrier’s certificate.',
  'Certificate Is For Another Name':
    'Write the host in EXOLVE_SIP_PROXY as the carrier’s certificate names it (openssl s_client -connect HOST:PORT shows it).',
  'Certificate Has Expired': `The carrier’s certificate is over: ask it to renew, and check ${CLOCK}.`,
  'Certificate Is Not Valid Yet': `Check ${CLOCK}, then ask the carrier.`,
  'TLS Handshake Failed':
    'Check that the port of EXOLVE_SIP_PROXY speaks TLS (1.2 or newer) and asks for no client certificate.',
  'No Such Transport':
    'Add an address to SIP_LISTEN that speaks the transport and the IP version of the carrier.',
  'DNS Error':
    'Check how EXOLVE_SIP_DOMAIN and EXOLVE_SIP_PROXY are written, and the name servers.',
}

export const whatToDo = (why: string): string => TODO[why] ?? `Check ${WHERE}.`
