// Dates as Twilio's API of 2010 writes them: `Tue, 10 Aug 2010 08:02:17 +0000` (RFC 2822 §3.3).

export const rfc2822 = (epochMs: number): string =>
  new Date(epochMs).toUTCString().replace('GMT', '+0000')
