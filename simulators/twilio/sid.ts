// Names as Twilio gives them: two letters and 32 hexadecimal digits.
import { randomBytes } from 'node:crypto'

export type SidPrefix = 'AC' | 'CA' | 'RE' | 'MZ' | 'PN'

export const newSid = (prefix: SidPrefix): string => prefix + randomBytes(16).toString('hex')
