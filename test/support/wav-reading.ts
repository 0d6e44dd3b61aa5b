// Reads a WAV file of 16-bit PCM chunk by chunk, apart from the product's own code, and finds one sound in another.
import { readFile } from 'node:fs/promises'

export interface ReadWav {
  readonly rate: number
  readonly channels: readonly Int16Array[]
}

export async function readWav(path: string): Promise<ReadWav> {
  return parseWav(await readFile(path))
}

export function parseWav(file: Buffer): ReadWav {
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE')
    throw new Error('not a WAV file')
  if (file.readUInt32LE(4) + 8 > file.length)
    throw new Error('the head tells of more than there is')
  let format: Buffer | undefined
  for (let at = 12; at + 8 <= file.length;) {
    const id = file.toString('latin1', at, at + 4)
    const bytes = file.readUInt32LE(at + 4)
    const body = file.subarray(at + 8, at + 8 + bytes)
    if (id === 'fmt ') format = body
    if (id === 'data' && format !== undefined) return splitChannels(format, body)
    at += 8 + bytes + (bytes % 2)
  }
  throw new Error('no audio in the file')
}

function splitChannels(format: Buffer, body: Buffer): ReadWav {
  const [kind, count, bits] = [0, 2, 14].map((at) => format.readUInt16LE(at))
  if (kind !== 1 || count === undefined || bits !== 16) throw new Error('not 16-bit PCM')
  const samples = Math.floor(body.length / 2 / count)
  const channels = Array.from({ length: count }, (_, channel) =>
    Int16Array.from({ length: samples }, (__, at) => body.readInt16LE((at * count + channel) * 2)),
  )
  return { rate: format.readUInt32LE(4), channels }
}
