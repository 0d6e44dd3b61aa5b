// What was said on a call: asked to be read, or fetched first.
import { Button } from '@mantine/core'
import type { FoundCall } from '../../calls/found-calls.ts'
import { useHistory } from '../words.ts'
import { FetchButton } from './fetch-button.tsx'

interface TranscriptCellProps {
  readonly call: FoundCall
  readonly about: string
  readonly onRead: () => void
}

/** Of a call that has a transcript, or may get one. */
export function TranscriptCell({ call, about, onRead }: TranscriptCellProps) {
  const say = useHistory()
  const { call_id: id, has_transcript: has } = call
  if (!has) return <FetchButton callId={id} part="transcript" about={about} />
  return (
    <Button
      size="compact-xs"
      variant="default"
      onClick={onRead}
      aria-label={say('read_of', { call: about })}
    >
      {say('read')}
    </Button>
  )
}
