// On this machine nothing has a certificate: what Twilio would refuse without one is taken here.

export const isLoopbackUrl = (url: string): boolean =>
  /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname)
