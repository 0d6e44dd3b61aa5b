// One photo or video: seen whole or played, all that is known of it, and what can be done with it.
import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Loaded } from '../../../components/loaded.tsx'
import { useAction } from '../../../components/use-action.ts'
import { useMay } from '../../../session/session.tsx'
import { useCommon } from '../../../words/common.ts'
import { AnimateButton } from '../animate/animate-button.tsx'
import { nameOf } from '../media-words.ts'
import { oneMediaOptions, refreshMedia, useProviders } from '../queries.ts'
import { transcodeMedia } from '../requests.ts'
import type { Media } from '../shapes.ts'
import { Player } from '../player.tsx'
import { DeleteMedia } from './delete-media.tsx'
import { MediaFacts } from './media-facts.tsx'
import { TranscodeState } from './transcode-state.tsx'
import classes from './files.module.css'
import { useFilesWords } from './words.ts'

interface MediaDialogProps {
  /** Null: none is open. */
  readonly id: string | null
  readonly onClose: () => void
}

export function MediaDialog({ id, onClose }: MediaDialogProps) {
  const say = useFilesWords()
  const common = useCommon()
  const query = useQuery({ ...oneMediaOptions(id ?? ''), enabled: id !== null })
  return (
    <Modal
      opened={id !== null}
      onClose={onClose}
      title={query.data === undefined ? say('one') : nameOf(query.data)}
      size="xl"
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      {id !== null && (
        <Loaded query={query}>{(item) => <Whole item={item} onClose={onClose} />}</Loaded>
      )}
    </Modal>
  )
}

interface WholeProps {
  readonly item: Media
  readonly onClose: () => void
}

function Whole({ item, onClose }: WholeProps) {
  const say = useFilesWords()
  const name = nameOf(item)
  return (
    <Stack gap="md">
      {item.kind === 'photo' ? (
        <img src={item.url} alt={say('photo_of', { name })} className={classes['whole']} />
      ) : (
        <Video item={item} />
      )}
      <Group gap="xs">
        {item.kind === 'photo' && (
          <AnimateButton photo={item} about={name} isMain onStart={onClose} />
        )}
        <Downloads item={item} />
        <DeleteMedia item={item} onDone={onClose} />
      </Group>
      <MediaFacts item={item} />
    </Stack>
  )
}

function Video({ item }: { readonly item: Media }) {
  const say = useFilesWords()
  return (
    <Stack gap="sm">
      <Player
        address={item.web_url ?? item.url}
        poster={item.preview_url}
        label={say('video_of', { name: nameOf(item) })}
      />
      {!item.is_web_safe && item.web_url === null && <ForBrowsers item={item} />}
    </Stack>
  )
}

/** Not every browser plays what phones and cameras write. */
function ForBrowsers({ item }: { readonly item: Media }) {
  const say = useFilesWords()
  const common = useCommon()
  const may = useMay('operator')
  const { data: known } = useProviders()
  const action = useAction(() => transcodeMedia(item.media_id), {
    onDone: () => void refreshMedia(),
  })
  const { transcode } = item
  const isUnderWay = transcode?.state === 'waiting' || transcode?.state === 'running'
  const lacks = known?.video_tools === false ? say('needs_tools') : undefined
  const why = may ? lacks : common('needs_operator')
  return (
    <Alert color="yellow" title={say('not_web_safe')}>
      <Stack gap="sm">
        <Text size="sm">{say('not_web_safe_hint')}</Text>
        <TranscodeState item={item} />
        {!isUnderWay && (
          <div>
            <Button
              size="xs"
              loading={action.isRunning}
              disabled={why !== undefined}
              title={why}
              onClick={() => action.run()}
            >
              {say(transcode?.state === 'failed' ? 'transcode_again' : 'transcode')}
            </Button>
          </div>
        )}
      </Stack>
    </Alert>
  )
}

function Downloads({ item }: { readonly item: Media }) {
  const say = useFilesWords()
  const common = useCommon()
  const name = item.name ?? item.media_id
  return (
    <>
      <Button size="xs" variant="default" component="a" href={item.url} download={name}>
        {item.web_url === null ? common('download') : say('download_original')}
      </Button>
      {item.web_url !== null && (
        <Button
          size="xs"
          variant="default"
          component="a"
          href={item.web_url}
          download={`${name.replace(/\.\w{1,5}$/, '')}.mp4`}
        >
          {say('download_web')}
        </Button>
      )}
    </>
  )
}
