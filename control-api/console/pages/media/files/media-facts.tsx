// All that is known of a photo or a video.
import { Anchor, Code } from '@mantine/core'
import { Link } from 'wouter'
import { FactList, type ListedFact } from '../../../components/fact-list.tsx'
import { Moment } from '../../../components/moment.tsx'
import { bytes, duration, number } from '../../../words/amounts.ts'
import { useCommon } from '../../../words/common.ts'
import { useKeyName } from '../../call/head/key-name.ts'
import { animationAddress } from '../paths.ts'
import type { Media } from '../shapes.ts'
import { useFilesWords } from './words.ts'

export function MediaFacts({ item }: { readonly item: Media }) {
  const say = useFilesWords()
  const common = useCommon()
  const { created_by: createdBy, task_id: taskId } = item
  const key = useKeyName(createdBy === 'rehearsal' ? null : createdBy)
  const format = useFormat(item)
  const facts: readonly ListedFact[] = [
    { name: say('kind'), value: say(`kind_${item.kind}`) },
    { name: say('type'), value: item.content_type },
    { name: say('size'), value: bytes(item.bytes) },
    { name: say('dimensions'), value: `${item.width} × ${item.height}` },
    ...(item.duration_seconds === null
      ? []
      : [{ name: say('duration'), value: duration(item.duration_seconds) }]),
    ...format,
    { name: say('memorial'), value: item.memorial_id ?? common('none') },
    {
      name: say('origin'),
      value:
        taskId === null ? (
          say(`origin_${item.origin}`)
        ) : (
          <Anchor component={Link} href={animationAddress(taskId)} size="sm">
            {say(`origin_${item.origin}`)}
          </Anchor>
        ),
    },
    { name: say('added'), value: <Moment at={item.created_at} /> },
    { name: say('added_by'), value: key ?? common('none') },
    { name: say('id'), value: <Code>{item.media_id}</Code>, isWide: true },
    { name: 'SHA-256', value: <Code>{item.sha256}</Code>, isWide: true },
  ]
  return <FactList facts={facts} />
}

/** What the server found in the file; another version may say more or less. */
function useFormat({ metadata }: Media): readonly ListedFact[] {
  const say = useFilesWords()
  const text = (name: string): string | undefined => {
    const value = metadata[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const amount = (name: string): number | undefined => {
    const value = metadata[name]
    return typeof value === 'number' && value !== 0 ? value : undefined
  }
  const frames = amount('frames_per_second')
  const bits = amount('bits_per_second')
  const turned = amount('rotation_degrees')
  const values = {
    container: text('container')?.toUpperCase(),
    video_codec: text('video_codec'),
    audio_codec: metadata['audio_codec'] === null ? say('no_sound') : text('audio_codec'),
    frame_rate: frames === undefined ? undefined : say('per_second', { frames: number(frames, 2) }),
    bit_rate: bits === undefined ? undefined : say('kilobits', { rate: number(bits / 1000) }),
    rotation: turned === undefined ? undefined : `${turned}°`,
    was: sourceOf(metadata['source']),
  }
  return FORMAT.flatMap((name) => {
    const value = values[name]
    return value === undefined ? [] : [{ name: say(name), value }]
  })
}

const FORMAT = [
  'container',
  'video_codec',
  'audio_codec',
  'frame_rate',
  'bit_rate',
  'rotation',
  'was',
] as const

/** Of a photo, before it was made smaller and turned upright. */
function sourceOf(source: unknown): string | undefined {
  if (typeof source !== 'object' || source === null) return undefined
  if (!('format' in source && 'width' in source && 'height' in source)) return undefined
  const { format, width, height } = source
  if (typeof width !== 'number' || typeof height !== 'number') return undefined
  return `${String(format).toUpperCase()}, ${width} × ${height}`
}
