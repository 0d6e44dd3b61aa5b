// The files on their way and what came of them: how far each is, why one was refused, and what can be done next.
import { Button, Group, Stack, Text } from '@mantine/core'
import { Link } from 'wouter'
import { problemWords } from '../../../components/failure.tsx'
import { bytes, percent } from '../../../words/amounts.ts'
import { useCommon } from '../../../words/common.ts'
import { AnimateButton } from '../animate/animate-button.tsx'
import { fileAddress } from '../paths.ts'
import { ProgressBar } from '../progress-bar.tsx'
import type { Media } from '../shapes.ts'
import { isUnderWay, type Upload, type UploadState } from './upload-queue.ts'
import { uploads, useUploads } from './uploads.ts'
import classes from './upload.module.css'
import { useUploadWords } from './words.ts'

export function UploadList() {
  const say = useUploadWords()
  const all = useUploads()
  if (all.length === 0) return null
  return (
    <Stack gap="xs">
      <ul className={classes['list']} aria-label={say('list')}>
        {all.map((upload) => (
          <li key={upload.id} className={classes['item']}>
            <Item upload={upload} />
          </li>
        ))}
      </ul>
      {all.some((one) => !isUnderWay(one)) && (
        <div>
          <Button size="compact-xs" variant="subtle" onClick={() => uploads.clear()}>
            {say('clear')}
          </Button>
        </div>
      )}
    </Stack>
  )
}

function Item({ upload }: { readonly upload: Upload }) {
  const say = useUploadWords()
  const common = useCommon()
  const { id, name, bytes: size, state } = upload
  const canAgain = state.kind === 'failed' || state.kind === 'canceled'
  return (
    <Stack gap={6}>
      <Group justify="space-between" gap="sm" wrap="nowrap" align="flex-start">
        <Text size="sm" fw={600} className={classes['name'] ?? ''} miw={0}>
          {name}{' '}
          <Text span size="xs" c="dimmed" fw={400}>
            {bytes(size)}
          </Text>
        </Text>
        {isUnderWay(upload) && (
          <Button
            size="compact-xs"
            variant="default"
            flex="none"
            onClick={() => uploads.cancel(id)}
            aria-label={say('cancel_of', { name })}
          >
            {common('cancel')}
          </Button>
        )}
        {canAgain && (
          <Button
            size="compact-xs"
            variant="default"
            flex="none"
            onClick={() => uploads.again(id)}
            aria-label={say('again_of', { name })}
          >
            {common('retry')}
          </Button>
        )}
      </Group>
      <HowFar upload={upload} />
      {state.kind === 'done' && <WhatNext media={state.media} name={name} />}
    </Stack>
  )
}

function HowFar({ upload: { name, bytes: size, state } }: { readonly upload: Upload }) {
  const say = useUploadWords()
  const words = useStateWords()
  const share = shareOf(state, size)
  return (
    <>
      {share !== null && (
        <ProgressBar
          share={share}
          isMoving={state.kind === 'checking'}
          label={say('progress_of', { name })}
          words={words(state, size)}
        />
      )}
      <Text
        size="xs"
        c={state.kind === 'failed' ? 'var(--mantine-color-error)' : 'dimmed'}
        role={state.kind === 'failed' ? 'alert' : undefined}
      >
        {words(state, size)}
      </Text>
    </>
  )
}

function shareOf(state: UploadState, size: number): number | null {
  if (state.kind === 'checking') return 1
  if (state.kind !== 'sending') return null
  return size === 0 ? 0 : state.sentBytes / size
}

function useStateWords(): (state: UploadState, size: number) => string {
  const say = useUploadWords()
  const common = useCommon()
  return (state, size) => {
    if (state.kind === 'sending') {
      const share = size === 0 ? 0 : state.sentBytes / size
      return say('sending', { share: percent(share), sent: bytes(state.sentBytes) })
    }
    if (state.kind !== 'failed') return say(state.kind)
    // A server that has seen enough hangs up in the middle of a file.
    if (state.problem.status === 0) return say('broken')
    return problemWords(state.problem, common)
  }
}

interface WhatNextProps {
  readonly media: Media
  readonly name: string
}

function WhatNext({ media, name }: WhatNextProps) {
  const say = useUploadWords()
  return (
    <Group gap="xs">
      {media.kind === 'photo' && <AnimateButton photo={media} about={name} isMain />}
      <Button
        size="compact-xs"
        variant="default"
        component={Link}
        href={fileAddress(media.media_id)}
        aria-label={say('look_of', { name })}
      >
        {say('look')}
      </Button>
    </Group>
  )
}
