// What one can do with the axis as a whole: listen, zoom, read it as a list.
import { useSyncExternalStore } from 'react'
import { ActionIcon, Button, Group, SegmentedControl, Switch, Text } from '@mantine/core'
import { PlayIcon, SquareFillIcon, ZoomInIcon, ZoomOutIcon } from '@primer/octicons-react'
import { RATES, usePlayerState, type AxisPlayer } from './axis-player.ts'
import type { AxisView } from './axis-view.ts'
import { useAxisWords } from './axis-words.ts'
import { clockText } from './ruler-ticks.ts'

interface ToolbarProps {
  readonly view: AxisView
  readonly player: AxisPlayer
  readonly hasRecording: boolean
  readonly isList: boolean
  /** Null: it is shown anyway. */
  readonly onList: ((isList: boolean) => void) | null
  /** Of a live call; null: it is over. */
  readonly following: { readonly is: boolean; set(is: boolean): void } | null
}

export const ZOOM_STEP = 1.6

export function Toolbar(props: ToolbarProps) {
  const { view, player, hasRecording, isList, onList, following } = props
  const say = useAxisWords()
  const isFit = useSyncExternalStore(view.subscribe, () => view.isFit)
  const zoom = (factor: number): void => view.zoomAround(view.widthPx / 2, factor)
  return (
    <Group justify="space-between" gap="xs">
      {hasRecording ? (
        <Playing player={player} />
      ) : (
        <Text size="sm" c="dimmed">
          {say(following === null ? 'no_recording' : 'heard_later')}
        </Text>
      )}
      <Group gap={6}>
        {following !== null && (
          <Switch
            size="sm"
            mr="xs"
            label={say('follow')}
            checked={following.is}
            onChange={(event) => following.set(event.currentTarget.checked)}
          />
        )}
        <ActionIcon
          variant="default"
          size={30}
          aria-label={say('zoom_out')}
          title={say('zoom_out')}
          disabled={isFit || isList}
          onClick={() => zoom(1 / ZOOM_STEP)}
        >
          <ZoomOutIcon />
        </ActionIcon>
        <ActionIcon
          variant="default"
          size={30}
          aria-label={say('zoom_in')}
          title={say('zoom_in')}
          disabled={isList}
          onClick={() => zoom(ZOOM_STEP)}
        >
          <ZoomInIcon />
        </ActionIcon>
        <Button size="xs" variant="default" disabled={isFit || isList} onClick={() => view.fit()}>
          {say('fit')}
        </Button>
        {onList !== null && (
          <Switch
            size="sm"
            ml="xs"
            label={say('as_list')}
            checked={isList}
            onChange={(event) => onList(event.currentTarget.checked)}
          />
        )}
      </Group>
    </Group>
  )
}

function Playing({ player }: { readonly player: AxisPlayer }) {
  const say = useAxisWords()
  const { isPlaying, canPlay, hasFailed, rate } = usePlayerState(player)
  const time = player.useTime()
  return (
    <Group gap="xs">
      <Button
        size="xs"
        w={116}
        justify="flex-start"
        disabled={!canPlay}
        leftSection={isPlaying ? <SquareFillIcon /> : <PlayIcon />}
        onClick={() => player.toggle()}
      >
        {say(isPlaying ? 'pause' : 'play')}
      </Button>
      <SegmentedControl
        size="xs"
        aria-label={say('speed')}
        value={String(rate)}
        onChange={(value) => player.setRate(RATES.find((one) => String(one) === value) ?? 1)}
        data={RATES.map((one) => ({ value: String(one), label: `${one}×` }))}
      />
      <Text size="sm" ff="monospace" miw={76} aria-label={say('cursor')}>
        {clockText(time ?? 0)}
      </Text>
      {hasFailed && (
        <Text size="sm" c="red" role="status">
          {say('play_failed')}
        </Text>
      )}
    </Group>
  )
}
