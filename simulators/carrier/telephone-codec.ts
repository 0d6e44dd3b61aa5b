// G.711 as it goes over the wire, by its static payload types (RFC 3551 §6), and comfort noise (RFC 3389). Sounds
// inside the carrier are µ-law.
import { alawToUlaw, ulawToAlaw } from '#simulators/speech'

export type PhoneCodec = 'PCMU' | 'PCMA'

export const PCMU_PAYLOAD_TYPE = 0
export const PCMA_PAYLOAD_TYPE = 8
export const COMFORT_NOISE_PAYLOAD_TYPE = 13

export const payloadTypeOf = (codec: PhoneCodec): number =>
  codec === 'PCMU' ? PCMU_PAYLOAD_TYPE : PCMA_PAYLOAD_TYPE

export function codecOf(payloadType: number): PhoneCodec | undefined {
  if (payloadType === PCMU_PAYLOAD_TYPE) return 'PCMU'
  return payloadType === PCMA_PAYLOAD_TYPE ? 'PCMA' : undefined
}

export const fromUlaw = (codec: PhoneCodec, ulaw: Buffer): Buffer =>
  codec === 'PCMU' ? ulaw : ulawToAlaw(ulaw)

export const toUlaw = (codec: PhoneCodec, payload: Buffer): Buffer =>
  codec === 'PCMU' ? payload : alawToUlaw(payload)
