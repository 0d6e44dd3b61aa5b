// What was said on a call, to be read; its sound beside it.
import { Anchor, Box, Group, Modal, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { getTranscriptOptions } from '../../../api/generated/@tanstack/react-query.gen.ts'
import { Empty, Loaded } from '../../../components/loaded.tsx'
import { useCommon } from '../../../words/common.ts'
import type { Turn } from '../../call/axis/axis-data.ts'
import { roleWords, saidWords, turnNote } from '../../call/transcript/turn-words.ts'
import { clock, heardWords } from '../../call/transcript/turns.ts'
import styles from '../../call/transcript/transcript.module.css'
import { useTranscriptWords } from '../../call/transcript/words.ts'
import type { FoundCall } from '../../calls/found-calls.ts'
import { useHistory } from '../words.ts'
import classes from './row.module.css'

interface TranscriptDialogProps {
  /** Null: none was chosen yet. */
  readonly call: FoundCall | null
  readonly about: string
  readonly isOpen: boolean
  readonly onClose: () => void
}

export function TranscriptDialog({ call, about, isOpen, onClose }: TranscriptDialogProps) {
  const say = useHistory()
  const common = useCommon()
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={say('transcript_of', { call: about })}
      size="lg"
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      {call !== null && <Transcript call={call} about={about} />}
    </Modal>
  )
}

interface TranscriptProps {
  readonly call: FoundCall
  readonly about: string
}

function Transcript({ call, about }: TranscriptProps) {
  const say = useHistory()
  const words = useTranscriptWords()
  const query = useQuery(getTranscriptOptions({ path: { call_id: call.call_id } }))
  return (
    <Stack gap="sm">
      {call.has_recording && (
        <audio
          controls
          preload="none"
          src={`/api/calls/${call.call_id}/recording`}
          aria-label={say('audio_of', { call: about })}
          className={classes['wide']}
        />
      )}
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={words('none')} />
          ) : (
            <ol className={styles['turns']} aria-label={words('title')}>
              {items.map((turn, at) => (
                <ReadTurn key={at} turn={turn} direction={call.direction} />
              ))}
            </ol>
          )
        }
      </Loaded>
      <Anchor component={Link} href={`/calls/${call.call_id}`} size="sm">
        {say('to_call')}
      </Anchor>
    </Stack>
  )
}

interface ReadTurnProps {
  readonly turn: Turn
  readonly direction: FoundCall['direction']
}

function ReadTurn({ turn, direction }: ReadTurnProps) {
  const say = useTranscriptWords()
  const known = heardWords(turn)
  const note = turnNote(turn, false, say)
  return (
    <Box component="li" className={`${styles['turn']} ${styles[turn.role]} ${classes['still']}`}>
      <Group gap="xs">
        <Text span size="xs" fw={600}>
          {roleWords(turn, direction, say)}
        </Text>
        <Text span size="xs" c="dimmed">
          {clock(turn.offset_ms)}
        </Text>
      </Group>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {known === null ? saidWords(turn, say) : known.heard}
        {known !== null && known.unheard !== '' && (
          <span className={styles['unheard']}>
            {' '}
            [{say('unheard_words')} {known.unheard}]
          </span>
        )}
      </Text>
      {note !== '' && (
        <Text size="xs" c="dimmed">
          {note}
        </Text>
      )}
    </Box>
  )
}
