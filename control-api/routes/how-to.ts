// GET /api/how-to: how a stranger tries a call on this node.
import { Type } from '@fastify/type-provider-typebox'
import type { HttpServer } from '../http-server.ts'

export interface HowTo {
  readonly apiUrl: string
  /** Empty before the SIP server listens. */
  readonly sipUri: string
  readonly exampleCurl: string
  readonly demoNumbers: readonly { readonly number: string; readonly what: string }[]
  /** It was there and is gone: nothing can be placed or taken. Absent: no. */
  readonly sipIsAway?: boolean
}

export interface HowToOptions {
  readonly howTo: () => HowTo
  readonly rehearsal: boolean
}

const schema = {
  tags: ['operation'],
  summary: 'How to try a call on this node; the console shows it',
  response: {
    200: Type.Object({
      api_url: Type.String(),
      sip_uri: Type.String(),
      example_curl: Type.String(),
      demo_numbers: Type.Array(Type.Object({ number: Type.String(), what: Type.String() })),
      rehearsal: Type.Boolean(),
      sip_server_away: Type.Boolean({ description: 'Nothing can be placed or taken now' }),
    }),
  },
}

export function howToRoute(app: HttpServer, options: HowToOptions): void {
  app.get('/api/how-to', { schema }, () => {
    const { apiUrl, sipUri, exampleCurl, demoNumbers, sipIsAway } = options.howTo()
    return {
      api_url: apiUrl,
      sip_uri: sipUri,
      example_curl: exampleCurl,
      demo_numbers: demoNumbers.map(({ number, what }) => ({ number, what })),
      rehearsal: options.rehearsal,
      sip_server_away: sipIsAway ?? false,
    }
  })
}
