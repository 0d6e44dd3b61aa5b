// What a post-call webhook brings us, once it is believed. Told again it changes nothing; of a conversation that is not
// ours it says nothing.
import { AppError } from '#core/errors'
import type { Logger } from '#core/telemetry'
import type { CallId } from '#core/contracts'
import type { CallRepository } from '../../calls/repository.ts'
import type { ConversationAudio } from '../conversation-audio.ts'
import type { ConversationStore } from '../conversation-store.ts'
import { decodeConversation, fieldsOf, isOver, isVendorId } from '../decode-conversation.ts'
import type { SignedBody } from './signed-body.ts'

/** `known`: it was told before. `ignored`: there is nothing in it for us. */
export type PostCallResult = 'stored' | 'known' | 'ignored'

export interface PostCallDeps {
  readonly store: ConversationStore
  readonly audio: ConversationAudio
  readonly calls: Pick<CallRepository, 'find'>
  readonly logger: Logger
}

/** @throws AppError `REQUEST_INVALID` when it is not JSON. */
export async function takePostCall(deps: PostCallDeps, body: SignedBody): Promise<PostCallResult> {
  const { type, data } = fieldsOf(parse(body.text))
  switch (type) {
    case 'post_call_transcription':
      return takeConversation(deps, data)
    case 'post_call_audio':
      return takeAudio(deps, data, body.audioPath)
    case 'call_initiation_failure':
      // Of the vendor's own telephony: none of our calls is among them.
      deps.logger.info({ reason: reasonOf(data) }, 'the vendor tells of a call it could not place')
      return 'ignored'
    default:
      deps.logger.debug('a webhook of the vendor that is not known here')
      return 'ignored'
  }
}

async function takeConversation(deps: PostCallDeps, data: unknown): Promise<PostCallResult> {
  const told = decodeConversation(data)
  if (told === undefined) {
    deps.logger.warn('a webhook of the vendor tells of no conversation that can be read')
    return 'ignored'
  }
  const row = await deps.store.find(told.conversationId)
  if (row === undefined) return notOurs(deps)
  if (!isOver(told)) return 'ignored'
  const state = told.status === 'done' ? 'done' : 'failed'
  return (await deps.store.settle(told.conversationId, { state, told })) ? 'stored' : 'known'
}

async function takeAudio(
  deps: PostCallDeps,
  data: unknown,
  path: string | undefined,
): Promise<PostCallResult> {
  const { conversation_id: id } = fieldsOf(data)
  if (typeof id !== 'string' || !isVendorId(id) || path === undefined) return 'ignored'
  const row = await deps.store.find(id)
  if (row === undefined) return notOurs(deps)
  if (row.audio_key !== null) return 'known'
  const call = await deps.calls.find(row.call_id as CallId)
  if (call === undefined || !(await deps.store.isAudioWanted(row, call))) return 'ignored'
  await deps.audio.keep(id, path)
  return 'stored'
}

/** It makes no call: whoever signs may still be mistaken about whose conversation it is. */
function notOurs({ logger }: PostCallDeps): PostCallResult {
  logger.debug('a webhook of the vendor about a conversation that no call of ours had')
  return 'ignored'
}

const REASONS = ['busy', 'no-answer', 'unknown']

function reasonOf(data: unknown): string {
  const { failure_reason: reason } = fieldsOf(data)
  return typeof reason === 'string' && REASONS.includes(reason) ? reason : 'another'
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Its words would quote the body.
    throw new AppError('REQUEST_INVALID', 'The body is not valid JSON.')
  }
}
