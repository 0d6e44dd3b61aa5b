// POST /webhooks/elevenlabs: what the agent's vendor tells of a conversation that is over. Open, for it verifies itself.
import { rm } from 'node:fs/promises'
import { Type } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ms } from '#core/contracts'
import { AppError } from '#core/errors'
import { waitUntil } from '#core/lifecycle'
import { wallClock } from '#core/time'
import { addressGroup } from '../../access/lock-out.ts'
import type { ConversationAudio } from '../../elevenlabs/conversation-audio.ts'
import {
  takePostCall,
  type PostCallDeps,
  type PostCallResult,
} from '../../elevenlabs/post-call/post-call.ts'
import { isFresh, parseSignature } from '../../elevenlabs/post-call/signature.ts'
import { readSignedBody, type ReadOptions } from '../../elevenlabs/post-call/signed-body.ts'
import { isFromHere } from '../../from-here.ts'
import type { HttpServer } from '../../http-server.ts'
import { problem } from '../problem.ts'

export interface PostCallRouteDeps extends PostCallDeps {
  readonly audio: ConversationAudio
}

export interface PostCallRouteOptions {
  readonly webhookSecret: string | undefined
  /** Then what comes from this machine need not be signed, while there is no secret. */
  readonly rehearsal: boolean
}

/** Each may be large, and none takes longer than the disk. */
const MAX_AT_ONCE = 16
/** Of them, of one address: until the last byte nobody knows who sends, and whoever drips must not take all places. */
const MAX_OF_ONE_ADDRESS = 4
/** A place is free again when a body has come: the vendor's in a moment, so many that come together have their turn. */
const PLACE_WITHIN = ms(2000)
const LOOK_MS = 20
const RETRY_AFTER_SECONDS = 5

const schema = {
  operationId: 'receiveElevenLabsWebhook',
  tags: ['vendor'],
  summary:
    'Post-call webhooks of ElevenLabs, signed with ELEVENLABS_WEBHOOK_SECRET: they shorten the wait for a conversation',
  response: {
    200: Type.Object({
      result: Type.Enum(['stored', 'known', 'ignored'], {
        description: 'known: it was told before; ignored: there is nothing in it for us',
      }),
    }),
    400: problem,
    401: problem,
    413: problem,
    429: problem,
    503: problem,
  },
}

export function postCallRoute(
  app: HttpServer,
  deps: PostCallRouteDeps,
  options: PostCallRouteOptions,
): void {
  const readingOf: string[] = []
  const receive = async (request: FastifyRequest, reply: FastifyReply): Promise<PostCallResult> => {
    const audioPath = deps.audio.incoming()
    try {
      const asked = { audioPath, ...signedBy(request, options) }
      const sender = addressGroup(request.ip)
      const isPlace = () =>
        readingOf.length < MAX_AT_ONCE &&
        readingOf.filter((one) => one === sender).length < MAX_OF_ONE_ADDRESS
      if (!(await waitUntil(isPlace, PLACE_WITHIN, LOOK_MS)))
        throw new AppError('TOO_MANY_REQUESTS', 'Too many webhooks at once.', {
          retryAfterSeconds: RETRY_AFTER_SECONDS,
        })
      readingOf.push(sender)
      try {
        const body = await readSignedBody(request.raw, asked)
        return await takePostCall(deps, body)
      } finally {
        readingOf.splice(readingOf.indexOf(sender), 1)
      }
    } catch (error) {
      // What is left of the body is not read.
      if (!request.raw.complete) void reply.header('connection', 'close')
      throw error
    } finally {
      await rm(audioPath, { force: true })
    }
  }
  // Its own way of reading bodies: signed as they are, and too large for the common one.
  void app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null))
    scope.post(
      '/webhooks/elevenlabs',
      { schema, config: { access: 'open' } },
      async (request, reply) => ({ result: await receive(request, reply) }),
    )
    done()
  })
}

/** @throws AppError `SIGNATURE_INVALID` of what cannot be right, whatever its body. */
function signedBy(
  request: FastifyRequest,
  { webhookSecret: secret, rehearsal }: PostCallRouteOptions,
): Pick<ReadOptions, 'signed'> {
  if (secret === undefined) {
    if (rehearsal && isFromHere(request)) return {}
    throw invalid('ELEVENLABS_WEBHOOK_SECRET is not set, so nothing can be believed.')
  }
  const header = parseSignature(request.headers['elevenlabs-signature'])
  if (header === undefined) throw invalid('There is no ElevenLabs-Signature that could be right.')
  if (!isFresh(header, wallClock.now() / 1000))
    throw invalid('It was signed more than 30 minutes ago, or in the future.')
  return { signed: { header, secret } }
}

const invalid = (why: string): AppError => new AppError('SIGNATURE_INVALID', why)
