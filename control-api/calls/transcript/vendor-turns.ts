// The transcript of a conversation as the agent's vendor keeps it, as turns of ours: of calls whose talk did not come by us.
// GET /v1/convai/conversations/{id}: `transcript[]` with role, message, original_message, interrupted, time_in_call_secs.
import type { Turn } from './turn.ts'

const MOST_TURNS = 2000
const MOST_CHARS = 16_384
/** No talk is longer: whatever says so is not believed. */
const MOST_SECONDS = 7 * 86_400

/**
 * What was said; what tools did is no part of it.
 * @param startedAt when the conversation began
 */
export function turnsOfVendor(transcript: readonly unknown[], startedAt: number): readonly Turn[] {
  const turns = transcript.flatMap((entry) => turnOf(entry, startedAt))
  return turns.sort((one, other) => one.at - other.at).slice(0, MOST_TURNS)
}

function turnOf(entry: unknown, startedAt: number): Turn[] {
  if (typeof entry !== 'object' || entry === null) return []
  const fields = entry as Readonly<Record<string, unknown>>
  const { role, message, original_message: original, interrupted } = fields
  const heard = textOf(message)
  const whole = textOf(original) ?? heard
  if (whole === null || (role !== 'user' && role !== 'agent')) return []
  const isAgent = role === 'agent'
  const isCut = interrupted === true || (isAgent && whole !== heard)
  return [
    {
      role: isAgent ? 'agent' : 'caller',
      at: startedAt + secondsOf(fields['time_in_call_secs']) * 1000,
      endedAt: null,
      text: whole,
      tentative: false,
      interrupted: isCut,
      heard: isAgent ? extentOf(isCut, heard) : null,
      // By its own estimate, as it is of an interruption on our own socket.
      heardText: isAgent ? heard : null,
      heardTextBy: isAgent && heard !== null ? 'agent' : null,
      heardMs: null,
      spokenMs: null,
      promptId: null,
    },
  ]
}

const extentOf = (isCut: boolean, heard: string | null): Turn['heard'] =>
  isCut ? (heard === null ? 'nothing' : 'part') : 'whole'

const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value.slice(0, MOST_CHARS) : null

const secondsOf = (value: unknown): number =>
  typeof value === 'number' && value >= 0 && value <= MOST_SECONDS ? value : 0
