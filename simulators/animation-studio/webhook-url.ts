// Where both vendors send webhooks: https, and where nothing has a certificate, http on loopback.

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]'])

export function isWebhookUrl(text: string, allowHttpLoopback: boolean): boolean {
  if (/^https:\/\/\S+$/.test(text)) return true
  if (!allowHttpLoopback || !/^http:\/\/\S+$/.test(text) || !URL.canParse(text)) return false
  return LOOPBACK.has(new URL(text).hostname)
}
