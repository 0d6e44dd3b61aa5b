// What a photo or a video looks like, small; where there is nothing to see, what it is.
import { useState } from 'react'
import { ImageIcon, VideoIcon } from '@primer/octicons-react'
import classes from './preview.module.css'
import type { MediaKind } from './shapes.ts'

interface PreviewProps {
  readonly address: string | null
  readonly kind: MediaKind
  readonly isSmall?: boolean
}

/** Decoration: what it is, is said beside it. */
export function Preview({ address, kind, isSmall = false }: PreviewProps) {
  const [broken, setBroken] = useState<string | null>(null)
  const Icon = kind === 'photo' ? ImageIcon : VideoIcon
  const isThere = address !== null && broken !== address
  return (
    <span className={classes['frame']} data-small={isSmall || undefined}>
      {isThere ? (
        <img
          src={address}
          alt=""
          loading="lazy"
          decoding="async"
          className={classes['picture']}
          onError={() => setBroken(address)}
        />
      ) : (
        <Icon size={isSmall ? 20 : 32} />
      )}
      {kind === 'video' && isThere && !isSmall && (
        <span className={classes['play']}>
          <VideoIcon size={16} />
        </span>
      )}
    </span>
  )
}
