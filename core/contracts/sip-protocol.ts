// What SIP is carried by, as far as we speak it: no WebSockets.
export type SipProtocol = 'udp' | 'tcp' | 'tls'
