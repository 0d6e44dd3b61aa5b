// Photos and videos side by side: what each looks like, what it is, and what to do with it.
import { Badge, Box, Group, Text, UnstyledButton } from '@mantine/core'
import { AnimateButton } from '../animate/animate-button.tsx'
import { nameOf, summaryOf } from '../media-words.ts'
import { Preview } from '../preview.tsx'
import type { Media } from '../shapes.ts'
import classes from './files.module.css'
import { TranscodeState } from './transcode-state.tsx'
import { useFilesWords } from './words.ts'

interface MediaGridProps {
  readonly items: readonly Media[]
  /** Of another search: the answer to this one is on its way. */
  readonly areEarlier: boolean
  readonly onOpen: (id: string) => void
}

export function MediaGrid({ items, areEarlier, onOpen }: MediaGridProps) {
  const say = useFilesWords()
  return (
    <ul
      className={classes['grid']}
      aria-label={say('list')}
      aria-busy={areEarlier}
      data-earlier={areEarlier || undefined}
    >
      {items.map((item) => (
        <li key={item.media_id} className={classes['tile']}>
          <Tile item={item} onOpen={onOpen} />
        </li>
      ))}
    </ul>
  )
}

interface TileProps {
  readonly item: Media
  readonly onOpen: (id: string) => void
}

function Tile({ item, onOpen }: TileProps) {
  const say = useFilesWords()
  const name = nameOf(item)
  return (
    <>
      <UnstyledButton
        className={classes['open']}
        onClick={() => onOpen(item.media_id)}
        aria-label={say('open_of', { name })}
      >
        <Preview address={item.preview_url} kind={item.kind} />
      </UnstyledButton>
      <Box p="xs" miw={0}>
        <Text size="sm" fw={600} className={classes['name'] ?? ''} title={name}>
          {name}
        </Text>
        <Text size="xs" c="dimmed">
          {summaryOf(item)}
        </Text>
        <Group gap={6} mt={6}>
          {item.origin === 'animation' && (
            <Badge variant="light" size="sm">
              {say('origin_animation_short')}
            </Badge>
          )}
          {item.kind === 'video' && !item.is_web_safe && item.web_url === null && (
            <Badge variant="light" size="sm" color="yellow" title={say('not_web_safe')}>
              {say('not_web_safe_short')}
            </Badge>
          )}
          {item.kind === 'photo' && <AnimateButton photo={item} about={name} />}
        </Group>
        <TranscodeState item={item} isShort />
      </Box>
    </>
  )
}
