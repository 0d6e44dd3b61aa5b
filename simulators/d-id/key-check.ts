// Who asks: Basic with the key as it is or as base64, or Bearer with the key.
import type { BasicForm } from './options.ts'

export interface KeyRules {
  readonly apiKey: string
  readonly basicForm: BasicForm
  readonly takesBearer: boolean
}

export function isKey(authorization: string | undefined, rules: KeyRules): boolean {
  const [scheme = '', credentials = '', ...more] = (authorization ?? '').split(' ')
  if (more.length > 0) return false
  const { apiKey, basicForm, takesBearer } = rules
  if (scheme.toLowerCase() === 'bearer') return takesBearer && credentials === apiKey
  if (scheme.toLowerCase() !== 'basic') return false
  const isRaw = credentials === apiKey
  const isBase64 = credentials === Buffer.from(apiKey).toString('base64')
  return (isRaw && basicForm !== 'base64') || (isBase64 && basicForm !== 'raw')
}
