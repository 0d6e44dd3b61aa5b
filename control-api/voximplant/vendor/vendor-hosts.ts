// Whose host an address is: the key goes to the vendor's, and to no other; what else is asked was examined.
import { isIP } from 'node:net'

/**
 * Of a host that is none of the vendor's: an account may keep recordings in a storage of its own. Its addresses, which are
 * connected to and no others; undefined: it may not be asked.
 */
export type MayAsk = (url: string) => Promise<readonly string[] | undefined>

/**
 * Of `api.voximplant.com` all that is below `voximplant.com`, on the same port; of an address, a rehearsal's, that alone.
 */
export function isOfVendor(url: URL, base: URL): boolean {
  if (url.origin === base.origin) return true
  const labels = base.hostname.split('.')
  if (isIP(base.hostname) !== 0 || labels.length < 3) return false
  if (url.protocol !== 'https:' || url.port !== base.port) return false
  return url.hostname.endsWith(`.${labels.slice(1).join('.')}`)
}

/**
 * Its path is the Management API's, which takes commands by GET too: whoever tells of a recording could have one carried
 * out with our key.
 */
export function isCommand({ pathname }: URL): boolean {
  try {
    return decodeURIComponent(pathname).toLowerCase().includes('platform_api')
  } catch {
    return true // What cannot be read names no recording.
  }
}
