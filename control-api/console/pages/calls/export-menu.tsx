// Takes what is found away as a file: which form, how far it is, and a way to stop it.
import { useEffect, useRef, useState } from 'react'
import { Button, Group, Loader, Menu, Text } from '@mantine/core'
import { DownloadIcon } from '@primer/octicons-react'
import { notifications } from '@mantine/notifications'
import { asProblem } from '../../api/problem.ts'
import { problemWords } from '../../components/failure.tsx'
import { bytes } from '../../words/amounts.ts'
import { useCommon } from '../../words/common.ts'
import { exportCalls, type ExportBody } from './export-file.ts'
import { useCalls } from './words.ts'

const FORMS = {
  csv: { format: 'csv' },
  ndjson: { format: 'ndjson' },
  ndjson_transcripts: { format: 'ndjson', include: 'transcript' },
} as const satisfies Readonly<Record<string, ExportBody>>

type Form = keyof typeof FORMS

/** Redrawn no more often while bytes come. */
const STEP_BYTES = 250_000

export function ExportMenu({ filters }: { readonly filters: ExportBody }) {
  const say = useCalls()
  const { start, stop, size } = useExport(filters)
  if (size !== undefined)
    return (
      <Group gap="xs">
        <Loader size="xs" />
        <Text size="sm" role="status">
          {say('exporting', { size: bytes(size) })}
        </Text>
        <StopButton onStop={stop} />
      </Group>
    )
  return (
    <Menu position="bottom-end" width={300} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button size="xs" variant="default" leftSection={<DownloadIcon />}>
          {say('export')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{say('export_what')}</Menu.Label>
        {Object.keys(FORMS).map((form) => (
          <Menu.Item key={form} onClick={() => void start(form as Form)}>
            {say(form as Form)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function StopButton({ onStop }: { readonly onStop: () => void }) {
  const common = useCommon()
  return (
    <Button size="xs" variant="default" onClick={onStop}>
      {common('cancel')}
    </Button>
  )
}

/** `size` is there while one runs. It goes on while the list is narrowed further, and ends with the page. */
function useExport(filters: ExportBody) {
  const say = useCalls()
  const common = useCommon()
  const [size, setSize] = useState<number>()
  const running = useRef<AbortController>(undefined)
  useEffect(() => () => running.current?.abort(), [])
  const start = async (form: Form): Promise<void> => {
    const stopper = new AbortController()
    running.current = stopper
    let told = 0
    const onBytes = (now: number): void => {
      if (now - told < STEP_BYTES) return
      told = now
      setSize(now)
    }
    setSize(0)
    try {
      const saved = await exportCalls(
        { ...filters, ...FORMS[form] },
        { signal: stopper.signal, onBytes },
      )
      if (saved !== undefined)
        notifications.show({
          message: say('exported', { size: bytes(saved) }),
          color: 'teal',
          closeButtonProps: { 'aria-label': common('close') },
        })
    } catch (error) {
      if (stopper.signal.aborted) return
      const problem = asProblem(error)
      const message = problem.status === 0 ? say('export_failed') : problemWords(problem, common)
      notifications.show({
        ...{ title: common('failed'), message, color: 'red', autoClose: 10_000 },
        closeButtonProps: { 'aria-label': common('close') },
      })
    } finally {
      setSize(undefined)
    }
  }
  return { size, start, stop: () => running.current?.abort() }
}
