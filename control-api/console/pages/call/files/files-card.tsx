// What can be taken away of a call: its recording, its words, everything for support; and deleting the recording.
import type { ReactNode } from 'react'
import { Button, Card, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { DownloadIcon } from '@primer/octicons-react'
import { deleteCallRecording } from '../../../api/generated/sdk.gen.ts'
import { refresh } from '../../../api/queries.ts'
import { ConfirmButton } from '../../../components/confirm-button.tsx'
import { useMay } from '../../../session/session.tsx'
import { bytes, duration } from '../../../words/amounts.ts'
import { useCommon } from '../../../words/common.ts'
import type { TimelineItem, Turn } from '../axis/axis-data.ts'
import type { Call } from '../head/ending.ts'
import { roleWords, turnNote } from '../transcript/turn-words.ts'
import { transcriptText } from '../transcript/turns.ts'
import { useTranscriptWords } from '../transcript/words.ts'
import { saveFile } from './save-file.ts'
import { useFileWords } from './words.ts'

interface FilesCardProps {
  readonly call: Call
  readonly items: readonly TimelineItem[]
  readonly turns: readonly Turn[]
}

export function FilesCard({ call, items, turns }: FilesCardProps) {
  const say = useFileWords()
  return (
    <Card withBorder component="section" aria-labelledby="files-title">
      <Stack gap="md">
        <Title order={2} size="h5" id="files-title">
          {say('title')}
        </Title>
        <SimpleGrid cols={{ base: 1, sm: 3 }}>
          <Stack gap="sm">
            <RecordingFile call={call} items={items} />
            {call.has_recording && <DeleteRecording call={call} />}
          </Stack>
          <TranscriptFiles call={call} turns={turns} />
          <SupportFiles call={call} items={items} />
        </SimpleGrid>
      </Stack>
    </Card>
  )
}

interface FileLinkProps {
  readonly href: string
  readonly name: string
  readonly children: ReactNode
}

/** The browser takes it as it comes, however long it is. */
const FileLink = ({ href, name, children }: FileLinkProps) => (
  <Button
    component="a"
    href={href}
    download={name}
    variant="default"
    justify="flex-start"
    leftSection={<DownloadIcon />}
  >
    {children}
  </Button>
)

const Hint = ({ children }: { readonly children: ReactNode }) => (
  <Text size="xs" c="dimmed">
    {children}
  </Text>
)

function RecordingFile({
  call,
  items,
}: {
  readonly call: Call
  readonly items: readonly TimelineItem[]
}) {
  const say = useFileWords()
  const { call_id: callId } = call
  if (!call.has_recording) return <Hint>{say(whyNoRecording(call, items))}</Hint>
  const stored = items.findLast(({ type }) => type === 'recording.stored')
  const [size, lengthMs] = [stored?.['bytes'], stored?.['duration_ms']]
  return (
    <Stack gap={4}>
      <FileLink href={`/api/calls/${callId}/recording`} name={`${callId}.wav`}>
        {say('recording')}
      </FileLink>
      <Hint>
        {typeof size === 'number' && typeof lengthMs === 'number'
          ? say('recording_hint', { length: duration(lengthMs / 1000), size: bytes(size) })
          : say('recording_hint_short')}
      </Hint>
    </Stack>
  )
}

function whyNoRecording(call: Call, items: readonly TimelineItem[]) {
  if (call.status !== 'ended') return 'recording_live'
  if (call.answered_at === null) return 'recording_unanswered'
  const told = items.findLast(({ type }) => type.startsWith('recording.'))?.type
  if (told === 'recording.failed') return 'recording_failed'
  return told === 'recording.empty' ? 'recording_empty' : 'no_recording'
}

function TranscriptFiles({
  call,
  turns,
}: {
  readonly call: Call
  readonly turns: readonly Turn[]
}) {
  const say = useFileWords()
  const words = useTranscriptWords()
  const { call_id: callId, direction, status } = call
  if (turns.length === 0) return <Hint>{say('no_transcript')}</Hint>
  const saveText = (): void => {
    const text = transcriptText(turns, {
      role: (turn) => roleWords(turn, direction, words),
      unheard: words('unheard_words'),
      note: (turn) => turnNote(turn, status !== 'ended', words),
    })
    saveFile(`${callId}.txt`, 'text/plain;charset=utf-8', text)
  }
  const saveJson = (): void =>
    saveFile(
      `${callId}.json`,
      'application/json',
      `${JSON.stringify({ call_id: callId, items: turns }, null, 2)}\n`,
    )
  return (
    <Stack gap={4}>
      <Button
        variant="default"
        justify="flex-start"
        leftSection={<DownloadIcon />}
        onClick={saveText}
      >
        {say('transcript_text')}
      </Button>
      <Button
        variant="default"
        justify="flex-start"
        leftSection={<DownloadIcon />}
        onClick={saveJson}
      >
        {say('transcript_json')}
      </Button>
      <Hint>{say('transcript_hint')}</Hint>
    </Stack>
  )
}

function SupportFiles({
  call,
  items,
}: {
  readonly call: Call
  readonly items: readonly TimelineItem[]
}) {
  const say = useFileWords()
  const common = useCommon()
  const may = useMay('admin')
  const address = `/api/calls/${call.call_id}/debug`
  // A capture is made of the messages that are kept.
  const hasMessages = items.some(({ type }) => type === 'sip.message')
  if (!may)
    return (
      <Stack gap={4}>
        <Button variant="default" justify="flex-start" leftSection={<DownloadIcon />} disabled>
          {say('debug')}
        </Button>
        <Hint>
          {common('needs_admin')} {say('debug_hint')}
        </Hint>
      </Stack>
    )
  return (
    <Stack gap="sm">
      <Stack gap={4}>
        <FileLink href={address} name={`${call.call_id}-debug.json`}>
          {say('debug')}
        </FileLink>
        <Hint>{say('debug_hint')}</Hint>
      </Stack>
      {hasMessages && (
        <Stack gap={4}>
          <FileLink href={`${address}?format=pcap`} name={`${call.call_id}.pcap`}>
            {say('pcap')}
          </FileLink>
          <Hint>{say('pcap_hint')}</Hint>
        </Stack>
      )}
    </Stack>
  )
}

function DeleteRecording({ call }: { readonly call: Call }) {
  const say = useFileWords()
  const common = useCommon()
  const may = useMay('admin')
  return (
    <Stack gap={4}>
      <ConfirmButton
        label={say('delete')}
        color="red"
        variant="light"
        consequences={say('delete_consequences')}
        typed={say('delete_word')}
        done={say('deleted')}
        unavailable={may ? undefined : common('needs_admin')}
        act={() => deleteCallRecording({ path: { call_id: call.call_id } })}
        onDone={() => void refresh('getCall', 'getCallTimeline', 'listSilences')}
      />
      {!may && <Hint>{common('needs_admin')}</Hint>}
    </Stack>
  )
}
