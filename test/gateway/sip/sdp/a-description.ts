// SDP as the far end of a test writes it, and ours.
export const OURS = { local: { address: '127.0.0.1', port: 20000 }, sessionId: 7, version: 1 }

export const sdp = (...lines: string[]): string =>
  ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', ...lines, ''].join(
    '\r\n',
  )

/** The lines of a description from its first media line on. */
export const mediaOf = (text: string): string[] =>
  text.slice(text.indexOf('m=')).trimEnd().split('\r\n')
