// One animation: its video, or where it stands and why it does not go on; what was asked, and every step of it.
import { Alert, Anchor, Button, Code, Group, Modal, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { FactList, type ListedFact } from '../../../components/fact-list.tsx'
import { Loaded } from '../../../components/loaded.tsx'
import { Moment } from '../../../components/moment.tsx'
import { number } from '../../../words/amounts.ts'
import { useCommon } from '../../../words/common.ts'
import { useKeyName } from '../../call/head/key-name.ts'
import { fileAddress } from '../paths.ts'
import { Player } from '../player.tsx'
import { oneAnimationOptions, oneMediaOptions } from '../queries.ts'
import { contentOf, previewOf } from '../requests.ts'
import { PROVIDER_NAMES, type Animation, type WholeAnimation } from '../shapes.ts'
import { AnimationActions } from './animation-actions.tsx'
import { useAdvice, useErrorTitle } from './error-words.ts'
import { HowFar, Steps } from './how-far.tsx'
import { Timeline } from './timeline.tsx'
import classes from './animations.module.css'
import { useAnimationWords } from './words.ts'

interface AnimationDialogProps {
  /** Null: none is open. */
  readonly id: string | null
  readonly onClose: () => void
}

export function AnimationDialog({ id, onClose }: AnimationDialogProps) {
  const say = useAnimationWords()
  const common = useCommon()
  const query = useQuery({ ...oneAnimationOptions(id ?? ''), enabled: id !== null })
  return (
    <Modal
      opened={id !== null}
      onClose={onClose}
      title={say('one')}
      size="xl"
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      {id !== null && (
        <Loaded query={query}>
          {(animation) => <Whole animation={animation} onGone={onClose} />}
        </Loaded>
      )}
    </Modal>
  )
}

interface WholeProps {
  readonly animation: WholeAnimation
  readonly onGone: () => void
}

function Whole({ animation, onGone }: WholeProps) {
  const say = useAnimationWords()
  const { state, error, result_media_id: result } = animation
  return (
    <Stack gap="md">
      <div role="status">
        <HowFar animation={animation} />
      </div>
      <Steps state={state} />
      {error !== null && <WhatWentWrong animation={animation} />}
      {result !== null && <Result mediaId={result} />}
      <Group gap="xs">
        <AnimationActions animation={animation} onGone={onGone} />
      </Group>
      <section aria-label={say('prompt')}>
        <Title order={3} size="h6">
          {say('prompt')}
        </Title>
        <Text size="sm" className={classes['whole'] ?? ''}>
          {animation.prompt}
        </Text>
      </section>
      <Facts animation={animation} />
      <section aria-label={say('timeline')}>
        <Title order={3} size="h6" mb={4}>
          {say('timeline')}
        </Title>
        <Timeline steps={animation.steps} />
      </section>
    </Stack>
  )
}

function WhatWentWrong({ animation: { error, state } }: { readonly animation: Animation }) {
  const title = useErrorTitle()
  const advice = useAdvice()
  if (error === null) return null
  const todo = advice(error.kind)
  return (
    // One that goes on tries again by itself.
    <Alert color={state === 'failed' ? 'red' : 'yellow'} title={title(error.kind)} role="alert">
      <Stack gap={4}>
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {error.message}
        </Text>
        {todo !== undefined && <Text size="sm">{todo}</Text>}
        {error.code !== null && (
          <div>
            <Code>{error.code}</Code>
          </div>
        )}
      </Stack>
    </Alert>
  )
}

function Result({ mediaId }: { readonly mediaId: string }) {
  const say = useAnimationWords()
  const common = useCommon()
  const { data: video, isError } = useQuery(oneMediaOptions(mediaId))
  if (isError) return <Text size="sm">{say('result_gone')}</Text>
  return (
    <Stack gap="xs">
      <Player
        address={video?.web_url ?? contentOf(mediaId)}
        poster={previewOf(mediaId)}
        label={say('result')}
      />
      <Group gap="xs">
        <Button
          size="compact-xs"
          variant="default"
          component="a"
          href={contentOf(mediaId)}
          download={`${mediaId}.mp4`}
        >
          {common('download')}
        </Button>
        <Button size="compact-xs" variant="default" component={Link} href={fileAddress(mediaId)}>
          {say('to_video')}
        </Button>
      </Group>
    </Stack>
  )
}

function Facts({ animation }: { readonly animation: Animation }) {
  const say = useAnimationWords()
  const common = useCommon()
  const { created_by: createdBy, media_id: photo, deadline_at: deadline } = animation
  const key = useKeyName(createdBy === 'rehearsal' ? null : createdBy)
  const isOver = animation.finished_at !== null
  const facts: readonly ListedFact[] = [
    { name: say('provider'), value: PROVIDER_NAMES[animation.provider] },
    { name: say('provider_status'), value: animation.provider_status ?? common('none') },
    { name: say('submissions'), value: number(animation.submissions) },
    {
      name: say('speech'),
      value: animation.speech === 'elevenlabs' ? 'ElevenLabs' : PROVIDER_NAMES[animation.provider],
    },
    { name: say('voice'), value: animation.voice_id ?? say('usual') },
    {
      name: say('photo'),
      value:
        photo === null ? (
          common('none')
        ) : (
          <Anchor component={Link} href={fileAddress(photo)} size="sm">
            {say('to_photo')}
          </Anchor>
        ),
    },
    { name: say('memorial'), value: animation.memorial_id ?? common('none') },
    { name: say('asked'), value: <Moment at={animation.created_at} /> },
    { name: say('asked_by'), value: key ?? common('none') },
    { name: say('submitted'), value: <Moment at={animation.submitted_at} /> },
    ...(isOver || deadline === null
      ? []
      : [{ name: say('deadline'), value: <Moment at={deadline} /> }]),
    { name: say('finished'), value: <Moment at={animation.finished_at} /> },
    { name: say('id'), value: <Code>{animation.task_id}</Code>, isWide: true },
    ...(animation.provider_job_id === null
      ? []
      : [
          {
            name: say('provider_job'),
            value: <Code>{animation.provider_job_id}</Code>,
            isWide: true,
          },
        ]),
  ]
  return <FactList facts={facts} />
}
