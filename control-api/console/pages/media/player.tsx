// Plays a video; the browser asks for the parts it needs, so that one can go anywhere in it at once.
import { useState } from 'react'
import { Alert, Box } from '@mantine/core'
import classes from './player.module.css'
import { useMediaWords } from './words.ts'

interface PlayerProps {
  readonly address: string
  readonly poster: string | null
  readonly label: string
}

export function Player({ address, poster, label }: PlayerProps) {
  const say = useMediaWords()
  const [failed, setFailed] = useState<string | null>(null)
  return (
    <Box>
      <video
        // Another file is another player: the old one would go on until the new one is there.
        key={address}
        controls
        playsInline
        preload="metadata"
        src={address}
        {...(poster === null ? {} : { poster })}
        aria-label={label}
        className={classes['video']}
        onError={() => setFailed(address)}
      />
      {failed === address && (
        <Alert color="yellow" mt="xs">
          {say('cannot_play')}
        </Alert>
      )}
    </Box>
  )
}
