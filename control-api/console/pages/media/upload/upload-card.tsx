// Where files come in: dropped or chosen, for a memorial; what is taken, and how large it may be, stands here.
import { useRef, useState, type DragEvent } from 'react'
import { Alert, Box, Button, Card, Group, Stack, Text, TextInput, Title } from '@mantine/core'
import { UploadIcon } from '@primer/octicons-react'
import { useMay } from '../../../session/session.tsx'
import { bytes } from '../../../words/amounts.ts'
import { useCommon } from '../../../words/common.ts'
import { isMemorialId, MAX_MEMORIAL } from '../media-search.ts'
import { useProviders } from '../queries.ts'
import { UploadList } from './upload-list.tsx'
import { MOST_UPLOADS } from './upload-queue.ts'
import { uploads } from './uploads.ts'
import classes from './upload.module.css'
import { useUploadWords } from './words.ts'

/** A help for the dialog of the system; what a file is, its content says. */
const ACCEPTED = 'image/jpeg,image/png,image/webp,video/*,.mp4,.mov,.avi,.mkv,.webm'

interface UploadCardProps {
  readonly memorialId: string
  readonly onMemorial: (memorialId: string) => void
}

export function UploadCard({ memorialId, onMemorial }: UploadCardProps) {
  const say = useUploadWords()
  const [left, setLeft] = useState(0)
  const isOff = !isMemorialId(memorialId)
  const take = (files: readonly File[]): void => {
    if (!isOff && files.length > 0) setLeft(uploads.add(files, memorialId))
  }
  return (
    <Card withBorder padding="sm" component="section" aria-label={say('title')}>
      <Stack gap="sm">
        <Title order={2} size="h5">
          {say('title')}
        </Title>
        <Group align="flex-end" gap="sm">
          <TextInput
            label={say('memorial')}
            description={say('memorial_hint')}
            size="xs"
            value={memorialId}
            maxLength={MAX_MEMORIAL}
            onChange={(event) => onMemorial(event.currentTarget.value)}
            error={isOff ? say('memorial_fault') : undefined}
            autoComplete="off"
            spellCheck={false}
            className={classes['memorial'] ?? ''}
          />
        </Group>
        <DropZone isOff={isOff} onFiles={take} />
        {left > 0 && <Alert color="yellow">{say('over', { left, most: MOST_UPLOADS })}</Alert>}
        <UploadList />
      </Stack>
    </Card>
  )
}

interface DropZoneProps {
  readonly isOff: boolean
  readonly onFiles: (files: readonly File[]) => void
}

function DropZone({ isOff, onFiles }: DropZoneProps) {
  const say = useUploadWords()
  const common = useCommon()
  const may = useMay('operator')
  const { data: known } = useProviders()
  const input = useRef<HTMLInputElement>(null)
  const [isOver, setIsOver] = useState(false)
  const isClosed = isOff || !may
  const drop = (event: DragEvent): void => {
    // Without it the browser would open the file in place of the console.
    event.preventDefault()
    setIsOver(false)
    if (!isClosed) onFiles([...event.dataTransfer.files])
  }
  const largest = known?.max_upload_bytes
  return (
    <Box
      className={classes['drop']}
      data-over={(isOver && !isClosed) || undefined}
      onDrop={drop}
      onDragOver={(event) => {
        event.preventDefault()
        setIsOver(true)
      }}
      onDragLeave={() => setIsOver(false)}
    >
      <input
        ref={input}
        type="file"
        multiple
        accept={ACCEPTED}
        className={classes['file']}
        tabIndex={-1}
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])])
          // The same file can be chosen once more.
          event.currentTarget.value = ''
        }}
      />
      <Button
        leftSection={<UploadIcon size={16} />}
        disabled={isClosed}
        title={may ? undefined : common('needs_operator')}
        onClick={() => input.current?.click()}
      >
        {say('choose')}
      </Button>
      <Text size="sm">{say('drop')}</Text>
      <Text size="xs" c="dimmed" ta="center">
        {say('taken')}{' '}
        {largest === undefined ? say('largest_set') : say('largest', { size: bytes(largest) })}
      </Text>
    </Box>
  )
}
