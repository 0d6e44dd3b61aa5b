// The recording of a call: played in its row, read from the server only when somebody listens.
import { ActionIcon, Group } from '@mantine/core'
import { DownloadIcon } from '@primer/octicons-react'
import { useCommon } from '../../../words/common.ts'
import type { FoundCall } from '../../calls/found-calls.ts'
import { useHistory } from '../words.ts'
import { FetchButton } from './fetch-button.tsx'
import classes from './row.module.css'

/** Of a call that has a recording, or may get one. */
interface CellProps {
  readonly call: FoundCall
  readonly about: string
}

export function AudioCell({ call, about }: CellProps) {
  const say = useHistory()
  const common = useCommon()
  const { call_id: id, has_recording: has } = call
  if (!has) return <FetchButton callId={id} part="audio" about={about} />
  const address = `/api/calls/${id}/recording`
  return (
    <Group gap={4} wrap="nowrap" justify="flex-start">
      <audio
        controls
        preload="none"
        src={address}
        aria-label={say('audio_of', { call: about })}
        className={classes['player']}
      />
      <ActionIcon
        component="a"
        href={address}
        download
        variant="subtle"
        title={common('download')}
        aria-label={say('download_of', { call: about })}
      >
        <DownloadIcon size={16} />
      </ActionIcon>
    </Group>
  )
}

/** Of others there are no words and no sound. */
export const hasTalked = ({ answered_at: answered, ended_at: ended }: FoundCall): boolean =>
  answered !== null && ended !== null
