// A bare WebSocket client of the simulated vendor, for its tests.
import type { Test } from 'tap'
import { WebSocket } from 'ws'
import { ms } from '#core/contracts'
import { waitUntil } from '#core/lifecycle'
import {
  startElevenLabs,
  type AgentScript,
  type ElevenLabsOptions,
  type ElevenLabsSimulator,
} from '../../../simulators/elevenlabs/index.ts'

export type Message = Record<string, Record<string, unknown>> & { type: string; at: number }

export interface Peer {
  readonly socket: WebSocket
  readonly messages: Message[]
  of(type: string): Message[]
  /** Agent audio so far, as it came. */
  audio(): Buffer
  hear(bytes: Buffer): void
  send(message: unknown): void
  readonly closed: Promise<{ code: number; reason: string }>
}

export function join(t: Test, url: string): Peer {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  const messages: Message[] = []
  socket.on('message', (data: Buffer) => {
    messages.push(Object.assign(JSON.parse(data.toString()) as Message, { at: performance.now() }))
  })
  socket.on('error', () => undefined)
  t.teardown(() => socket.terminate())
  const of = (type: string): Message[] => messages.filter((message) => message.type === type)
  const send = (message: unknown): void => socket.send(JSON.stringify(message))
  return {
    socket,
    messages,
    of,
    send,
    audio: () =>
      Buffer.concat(
        of('audio').map((m) => Buffer.from(String(m['audio_event']!['audio_base_64']), 'base64')),
      ),
    hear: (bytes) => send({ user_audio_chunk: bytes.toString('base64') }),
    closed: new Promise((resolve) => {
      socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }))
    }),
  }
}

export async function startVendor(
  t: Test,
  script: AgentScript,
  options: ElevenLabsOptions = {},
): Promise<{ vendor: ElevenLabsSimulator; url: string }> {
  const vendor = await startElevenLabs(options)
  t.teardown(() => vendor.close())
  vendor.script('a', script)
  return { vendor, url: `${vendor.wsUrl}/v1/convai/conversation?agent_id=a` }
}

/** A conversation that is open: the metadata has come. */
export async function converse(
  t: Test,
  script: AgentScript = {},
): Promise<{ vendor: ElevenLabsSimulator; peer: Peer }> {
  const { vendor, url } = await startVendor(t, script)
  const peer = join(t, url)
  await eventually('metadata', () => peer.messages.length > 0)
  return { vendor, peer }
}

export async function eventually(
  what: string,
  condition: () => boolean,
  timeoutMs = 5000,
): Promise<void> {
  if (!(await waitUntil(condition, ms(timeoutMs), 5))) throw new Error(`did not happen: ${what}`)
}
