// The key file of a service account: dropped, chosen or pasted; it is read here and says at once whether it is one.
import { useRef, useState, type DragEvent } from 'react'
import { Box, Button, Group, Stack, Textarea } from '@mantine/core'
import { MAX_KEY_FILE_BYTES, readServiceAccountKey, type ReadKey } from './service-account-file.ts'
import classes from './setup.module.css'
import { useSetup } from './words.ts'

interface KeyFileFieldProps {
  readonly text: string
  readonly onText: (text: string) => void
  readonly isOptional: boolean
}

export function KeyFileField({ text, onText, isOptional }: KeyFileFieldProps) {
  const say = useSetup()
  const input = useRef<HTMLInputElement>(null)
  const [isOver, setIsOver] = useState(false)
  const [isTooBig, setIsTooBig] = useState(false)
  const take = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return
    setIsTooBig(file.size > MAX_KEY_FILE_BYTES)
    if (file.size <= MAX_KEY_FILE_BYTES) onText(await file.text())
  }
  const drop = (event: DragEvent): void => {
    event.preventDefault()
    setIsOver(false)
    void take(event.dataTransfer.files[0])
  }
  const read = readServiceAccountKey(text)
  const fault = isTooBig ? say('file_too_big') : faultWords(read, say)
  return (
    <Box
      className={classes['drop']}
      data-over={isOver || undefined}
      onDrop={drop}
      onDragOver={(event) => {
        event.preventDefault()
        setIsOver(true)
      }}
      onDragLeave={() => setIsOver(false)}
    >
      <Stack gap="xs">
        <Textarea
          label={say('key_file')}
          description={
            read.kind === 'key'
              ? say('key_read', { key: read.key.key_id, account: read.accountId })
              : say(isOptional ? 'key_file_keep' : 'key_file_hint')
          }
          placeholder='{"account_email": "…", "account_id": …, "key_id": "…", "private_key": "…"}'
          value={text}
          onChange={(event) => {
            setIsTooBig(false)
            onText(event.currentTarget.value)
          }}
          error={fault}
          required={!isOptional}
          rows={4}
          autoComplete="off"
          spellCheck={false}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        />
        <Group>
          <input
            ref={input}
            type="file"
            accept="application/json,.json"
            className={classes['file']}
            tabIndex={-1}
            onChange={(event) => {
              void take(event.currentTarget.files?.[0])
              // The same file can be chosen once more.
              event.currentTarget.value = ''
            }}
          />
          <Button size="xs" variant="default" onClick={() => input.current?.click()}>
            {say('choose_file')}
          </Button>
        </Group>
      </Stack>
    </Box>
  )
}

function faultWords(read: ReadKey, say: ReturnType<typeof useSetup>): string | undefined {
  if (read.kind === 'no-json') return say('key_no_json')
  if (read.kind === 'lacks') return say('key_lacks', { fields: read.fields.join(', ') })
  return undefined
}
