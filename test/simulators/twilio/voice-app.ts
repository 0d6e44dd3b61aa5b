// The other side of the simulated Twilio in its tests: an application that answers its webhooks with TwiML, checks each
// signature with the vendor's own library, and takes its streams.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Test } from 'tap'
import twilio from 'twilio'
import { WebSocketServer, type WebSocket } from 'ws'
import {
  startTwilio,
  type TwilioOptions,
  type TwilioSimulator,
} from '../../../simulators/twilio/index.ts'

export interface VoiceRequest {
  readonly path: string
  readonly method: string
  readonly params: Readonly<Record<string, string>>
  readonly headers: IncomingMessage['headers']
  /** As the vendor's library judges. */
  readonly isSigned: boolean
}

/** TwiML; or a status and perhaps more. */
export type VoiceAnswer =
  | string
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }

export interface AppStream {
  readonly socket: WebSocket
  readonly signature: string
  readonly isSigned: boolean
  readonly messages: Record<string, unknown>[]
  readonly closed: Promise<number>
}

export interface VoiceApp {
  readonly url: string
  readonly twilio: TwilioSimulator
  readonly requests: VoiceRequest[]
  readonly streams: AppStream[]
  of(path: string): VoiceRequest[]
}

export type Answers = Readonly<
  Record<string, VoiceAnswer | ((request: VoiceRequest) => VoiceAnswer | Promise<VoiceAnswer>)>
>

export const twiml = (inside: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><Response>${inside}</Response>`

/** Quick: nobody waits in real time. */
const QUICK: TwilioOptions = { pace: 0.02, sayMsPerChar: 0.1, callsPerSecond: 1000 }

export async function openVoiceApp(
  t: Test,
  answers: Answers,
  options: TwilioOptions = {},
): Promise<VoiceApp> {
  const simulator = await startTwilio({ ...QUICK, ...options })
  const requests: VoiceRequest[] = []
  const streams: AppStream[] = []
  const server = createServer((request, response) => {
    void answer(request, response)
  })
  const upgrader = new WebSocketServer({ noServer: true })
  let url = ''
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url: path = '', headers } = request
    const params = Object.fromEntries(new URLSearchParams(await text(request)))
    const isSigned = twilio.validateRequest(
      simulator.authToken,
      String(headers['x-twilio-signature']),
      url + path,
      params,
    )
    const seen = { path, method, params, headers, isSigned }
    requests.push(seen)
    const known = answers[path.replace(/\?.*/, '')] ?? { status: 404 }
    const said = typeof known === 'function' ? await known(seen) : known
    if (typeof said === 'string') response.writeHead(200, { 'content-type': 'text/xml' }).end(said)
    else if (said.status === 0) response.socket?.resetAndDestroy()
    else response.writeHead(said.status, said.headers).end(said.body)
  }
  server.on('upgrade', (request, socket, head) => {
    const { url: path = '', headers } = request
    const given = `${url.replace('http', 'ws')}${path}`
    const signature = String(headers['x-twilio-signature'])
    const isSigned = twilio.validateRequest(simulator.authToken, signature, given, {})
    if (answers[path] !== undefined) {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
      return
    }
    upgrader.handleUpgrade(request, socket, head, (webSocket) => {
      const messages: Record<string, unknown>[] = []
      const closed = new Promise<number>((resolve) => webSocket.once('close', resolve))
      webSocket.on('error', () => undefined)
      webSocket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString())))
      streams.push({ socket: webSocket, signature, isSigned, messages, closed })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  t.teardown(async () => {
    await simulator.close()
    for (const { socket } of streams) socket.terminate()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const of = (path: string): VoiceRequest[] =>
    requests.filter((each) => each.path.replace(/\?.*/, '') === path)
  return { url, twilio: simulator, requests, streams, of }
}

/** The vendor's own client, led to the simulator. */
export function officialClient(
  simulator: TwilioSimulator,
  credentials: { readonly authToken?: string } = {},
): twilio.Twilio {
  // The vendor's client would send everything through it.
  delete process.env['HTTP_PROXY']
  class LocalClient extends twilio.RequestClient {
    override request(asked: never): never {
      const whole: { readonly uri: string } = asked
      const { pathname, search } = new URL(whole.uri)
      return super.request({
        ...whole,
        uri: simulator.baseUrl + pathname + search,
      } as never) as never
    }
  }
  return twilio(simulator.accountSid, credentials.authToken ?? simulator.authToken, {
    httpClient: new LocalClient(),
  })
}
