// Fetches what a call lacks from where it is, and says what came of it.
import { useState } from 'react'
import { Button, Stack, Text } from '@mantine/core'
import { refresh } from '../../../api/queries.ts'
import { useAction } from '../../../components/use-action.ts'
import { fetchOfCall } from '../../../components/voximplant/requests.ts'
import type { Fetched } from '../../../components/voximplant/shapes.ts'
import { useMay } from '../../../session/session.tsx'
import { useCommon } from '../../../words/common.ts'
import { useHistory } from '../words.ts'

interface FetchButtonProps {
  readonly callId: string
  readonly part: 'transcript' | 'audio'
  /** Which call it is, for those who hear the page. */
  readonly about: string
}

const ROUTES = { transcript: 'sync-transcript', audio: 'sync-audio' } as const

export function FetchButton({ callId, part, about }: FetchButtonProps) {
  const say = useHistory()
  const common = useCommon()
  const may = useMay('operator')
  const [fetched, setFetched] = useState<Fetched | null>(null)
  const action = useAction(() => fetchOfCall(callId, ROUTES[part]), {
    onDone: (parts) => {
      setFetched(parts[part])
      void refresh('searchCalls', 'listCalls', 'getCall', 'getTranscript')
    },
  })
  return (
    <Stack gap={2} align="flex-start" maw={220}>
      <Button
        size="compact-xs"
        variant="default"
        loading={action.isRunning}
        disabled={!may}
        title={may ? undefined : common('needs_operator')}
        aria-label={say(`fetch_${part}_of`, { call: about })}
        onClick={() => action.run()}
      >
        {say(`fetch_${part}`)}
      </Button>
      <Text size="xs" component="div" role="status" ta="start">
        {fetched !== null && <Result fetched={fetched} />}
      </Text>
    </Stack>
  )
}

function Result({ fetched: { result, detail } }: { readonly fetched: Fetched }) {
  const say = useHistory()
  return (
    <>
      {say(`result_${result}`)}
      {result === 'failed' && detail !== null && (
        <Text span inherit c="dimmed">
          {' '}
          {detail}
        </Text>
      )}
    </>
  )
}
