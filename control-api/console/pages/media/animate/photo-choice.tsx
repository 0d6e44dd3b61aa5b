// Which photo: the newest ones to choose from, and the one that was chosen elsewhere.
import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { Loaded } from '../../../components/loaded.tsx'
import { nameOf } from '../media-words.ts'
import { TABS } from '../paths.ts'
import { Preview } from '../preview.tsx'
import { mediaOptions } from '../queries.ts'
import type { Media } from '../shapes.ts'
import type { AnimateDraft } from './animate-draft.ts'
import classes from './animate.module.css'
import { useAnimateWords } from './words.ts'

type Photo = Pick<Media, 'media_id' | 'name' | 'preview_url'>
const NEWEST = 12

interface PhotoChoiceProps {
  readonly chosen: AnimateDraft['photo']
  readonly onChoose: (photo: Photo) => void
}

export function PhotoChoice({ chosen, onChoose }: PhotoChoiceProps) {
  const say = useAnimateWords()
  const query = useQuery(mediaOptions({ kind: 'photo', limit: NEWEST }))
  return (
    <fieldset className={classes['photos']}>
      <legend className={classes['legend']}>{say('choose_photo')}</legend>
      <Loaded query={query}>
        {({ items }) => {
          const photos = withChosen(items, chosen)
          if (photos.length === 0)
            return (
              <Text size="sm" c="dimmed">
                {say('no_photos')} <Link href={TABS.files}>{say('to_files')}</Link>
              </Text>
            )
          return (
            <div className={classes['row']}>
              {photos.map((photo) => (
                <Choice
                  key={photo.media_id}
                  photo={photo}
                  isChosen={photo.media_id === chosen?.media_id}
                  onChoose={() => onChoose(photo)}
                />
              ))}
            </div>
          )
        }}
      </Loaded>
    </fieldset>
  )
}

/** An older one, too. */
const withChosen = (newest: readonly Photo[], chosen: Photo | null): readonly Photo[] =>
  chosen === null || newest.some(({ media_id: id }) => id === chosen.media_id)
    ? newest
    : [chosen, ...newest]

interface ChoiceProps {
  readonly photo: Photo
  readonly isChosen: boolean
  readonly onChoose: () => void
}

function Choice({ photo, isChosen, onChoose }: ChoiceProps) {
  return (
    <label className={classes['choice']} title={nameOf(photo)}>
      <input
        type="radio"
        name="animate-photo"
        checked={isChosen}
        onChange={onChoose}
        aria-label={nameOf(photo)}
        className={classes['radio']}
      />
      <Preview address={photo.preview_url} kind="photo" isSmall />
    </label>
  )
}
