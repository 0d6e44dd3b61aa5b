// The animations, a row each: the photo, the words, where it stands, what can be done.
import { Box, Button, Text } from '@mantine/core'
import { DataTable, type Column } from '../../../components/data-table.tsx'
import { Moment } from '../../../components/moment.tsx'
import { Preview } from '../preview.tsx'
import { previewOf } from '../requests.ts'
import { PROVIDER_NAMES, type Animation } from '../shapes.ts'
import { RowActions } from '../../settings/row-actions.tsx'
import { AnimationActions } from './animation-actions.tsx'
import { useErrorTitle } from './error-words.ts'
import { HowFar } from './how-far.tsx'
import { shortened } from './shortened.ts'
import classes from './animations.module.css'
import { useAnimationWords } from './words.ts'

interface AnimationTableProps {
  readonly items: readonly Animation[]
  /** Of another search: the answer to this one is on its way. */
  readonly areEarlier: boolean
  readonly onOpen: (id: string) => void
}

export function AnimationTable({ items, areEarlier, onOpen }: AnimationTableProps) {
  const say = useAnimationWords()
  const columns: readonly Column<Animation>[] = [
    { key: 'photo', title: say('photo'), cell: (one) => <Pictures animation={one} /> },
    {
      key: 'prompt',
      title: say('prompt'),
      cell: ({ prompt }) => (
        <Text size="sm" className={classes['prompt'] ?? ''} title={prompt}>
          {prompt}
        </Text>
      ),
    },
    {
      key: 'provider',
      title: say('provider'),
      cell: ({ provider }) => PROVIDER_NAMES[provider],
    },
    { key: 'state', title: say('state'), cell: (one) => <State animation={one} /> },
    { key: 'asked', title: say('asked'), cell: ({ created_at: at }) => <Moment at={at} /> },
    {
      key: 'actions',
      title: say('actions'),
      cell: (one) => (
        <RowActions>
          <Button
            size="compact-xs"
            variant={one.state === 'done' ? 'filled' : 'default'}
            onClick={() => onOpen(one.task_id)}
            aria-label={say(one.state === 'done' ? 'watch_of' : 'details_of', {
              words: shortened(one.prompt),
            })}
          >
            {say(one.state === 'done' ? 'watch' : 'details')}
          </Button>
          <AnimationActions animation={one} />
        </RowActions>
      ),
    },
  ]
  return (
    <Box className={areEarlier ? classes['earlier'] : undefined} aria-busy={areEarlier}>
      <DataTable
        label={say('list')}
        columns={columns}
        items={items}
        keyOf={({ task_id: id }) => id}
      />
    </Box>
  )
}

function Pictures({ animation }: { readonly animation: Animation }) {
  const { media_id: photo, result_media_id: video } = animation
  const shown = video ?? photo
  const address = shown === null ? null : previewOf(shown)
  return <Preview address={address} kind={video === null ? 'photo' : 'video'} isSmall />
}

function State({ animation }: { readonly animation: Animation }) {
  const title = useErrorTitle()
  const { error } = animation
  return (
    <Box miw={150}>
      <HowFar animation={animation} />
      {error !== null && (
        <Text size="xs" c="dimmed" mt={2}>
          {title(error.kind)}
        </Text>
      )}
    </Box>
  )
}
