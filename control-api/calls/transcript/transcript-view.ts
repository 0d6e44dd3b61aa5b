// The transcript of a call as REST shows it: schema and rendering side by side.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { timesOf } from '../timeline-view.ts'
import type { CallRow } from '../../db/schema.ts'
import type { Turn } from './turn.ts'
import { nullable, viewTime } from '../../view-parts.ts'

const strict = { additionalProperties: false }

const turnSchema = Type.Object(
  {
    role: Type.Enum(['caller', 'agent', 'gateway'], {
      description:
        '`caller`: the far end, whoever called whom. `gateway`: a message of ours, such as the fallback when no agent ' +
        'can be had.',
    }),
    at: Type.String({
      format: 'date-time',
      description:
        'When it began. Of the caller: when the agent had settled on the words, shortly after they were spoken; when ' +
        'they began nobody tells. Of the agent and of us: when the first of it left for the caller; while or if none ' +
        'did, when it was announced.',
    }),
    offset_ms: Type.Number({ description: '`at`, since the call was created' }),
    ended_at: nullable(
      Type.String({ format: 'date-time' }),
      'When the last of it left for the caller; null when none did, not yet, and always of the caller',
    ),
    text: nullable(
      Type.String(),
      'All the words, heard or not; null when nobody told them (always of messages of ours)',
    ),
    tentative: Type.Boolean({
      description: 'The caller’s last words, as far as the agent had understood them when it ended',
    }),
    interrupted: Type.Boolean({
      description: 'It was cut off: by the caller, a key, or the end of the call',
    }),
    heard: nullable(
      Type.Enum(['whole', 'part', 'nothing', 'unknown']),
      'How much of it left for the caller. `nothing`: it was never said to anybody. `unknown`: it is still being said, ' +
        'or a crash or a flood lost the end. Null of the caller.',
    ),
    heard_text: nullable(
      Type.String(),
      'The words that were really heard: empty when nothing was; null when that is not known word by word, and of the ' +
        'caller',
    ),
    heard_text_by: nullable(
      Type.Enum(['audio', 'agent']),
      'Who says so. `audio`: what left for the caller, letter by letter when only a part did. `agent`: its own ' +
        'estimate after an interruption.',
    ),
    heard_ms: nullable(
      Type.Number(),
      'How much of it left for the caller; null when it is not known, and of the caller',
    ),
    spoken_ms: nullable(
      Type.Number(),
      'How much audio of it there was; null when it is not known, and of the caller',
    ),
    prompt_id: nullable(Type.String(), 'Which message of ours it was'),
  },
  strict,
)

export const transcriptSchema = Type.Object(
  {
    call_id: Type.String(),
    status: Type.Enum(['live', 'final'], {
      description: '`live`: the call goes on, and what is here may still change',
    }),
    source: Type.Enum(['socket', 'vendor'], {
      description:
        '`socket`: as heard on the agent’s socket and sent to the caller. `vendor`: as the agent’s vendor told it ' +
        'afterwards, of calls whose talk did not come by us (voximplant): times are in whole seconds.',
    }),
    items: Type.Array(turnSchema, { description: 'In the order in which they began' }),
  },
  strict,
)

export function viewTranscript(
  call: Pick<CallRow, 'call_id' | 'status' | 'created_at' | 'provider'>,
  turns: readonly Turn[],
): Static<typeof transcriptSchema> {
  return {
    call_id: call.call_id,
    status: call.status === 'ended' ? 'final' : 'live',
    source: call.provider === 'voximplant' ? 'vendor' : 'socket',
    items: turns.map((turn) => viewTurn(call.created_at, turn)),
  }
}

const viewTurn = (createdAt: number, turn: Turn): Static<typeof turnSchema> => ({
  role: turn.role,
  ...timesOf(createdAt, turn.at),
  ended_at: viewTime(turn.endedAt),
  text: turn.text,
  tentative: turn.tentative,
  interrupted: turn.interrupted,
  heard: turn.heard,
  heard_text: turn.heardText,
  heard_text_by: turn.heardTextBy,
  heard_ms: turn.heardMs,
  spoken_ms: turn.spokenMs,
  prompt_id: turn.promptId,
})
