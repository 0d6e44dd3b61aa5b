// Who is signed in, in which language and look they read, and the way out.
import { Box, Button, SegmentedControl, Stack, Text, useMantineColorScheme } from '@mantine/core'
import { PersonIcon } from '@primer/octicons-react'
import { useAction } from '../components/use-action.ts'
import { isNobody, useSession } from '../session/session.tsx'
import { signOut } from '../session/sign-out.ts'
import { chooseLanguage, currentLanguage, LANGUAGES, type Language } from '../words/language.ts'
import { useShell } from './words.ts'

const CHOICES = (Object.entries(LANGUAGES) as [Language, string][]).map(([value, label]) => ({
  value,
  label,
}))
const LOOKS = ['auto', 'light', 'dark'] as const
const PANEL = 'reader'

/** The browser's own popover: it closes by Escape and by a click beside it, and gives the focus back. */
export function ReaderMenu() {
  const say = useShell()
  const session = useSession()
  const isRehearsal = isNobody(session)
  const name = isRehearsal ? say('rehearsal_short') : (session.name ?? session.key_id)
  return (
    <>
      <Button
        variant="subtle"
        px="xs"
        leftSection={<PersonIcon />}
        aria-label={say('reader', { name })}
        popoverTarget={PANEL}
      >
        <Text size="sm" truncate maw={{ base: 90, sm: 260 }}>
          {name}
        </Text>
      </Button>
      <Box
        id={PANEL}
        popover="auto"
        role="dialog"
        aria-label={say('reader', { name })}
        className="reader-panel"
      >
        <Stack gap="xs">
          <Text size="sm" c="dimmed">
            {isRehearsal ? say('rehearsal') : say('role', { role: session.role })}
          </Text>
          <Choices />
          <Button component="a" href="/docs" variant="default" size="sm">
            {say('api')}
          </Button>
          {!isRehearsal && <SignOutButton />}
        </Stack>
      </Box>
    </>
  )
}

function Choices() {
  const say = useShell()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <>
      <Text size="sm" id="language-label">
        {say('language')}
      </Text>
      <SegmentedControl
        aria-labelledby="language-label"
        value={currentLanguage()}
        onChange={(language) => void chooseLanguage(language)}
        data={CHOICES}
      />
      <Text size="sm" id="look-label">
        {say('look')}
      </Text>
      <SegmentedControl
        aria-labelledby="look-label"
        value={colorScheme}
        onChange={(look) => setColorScheme(look)}
        data={LOOKS.map((value) => ({ value, label: say(value) }))}
      />
    </>
  )
}

function SignOutButton() {
  const say = useShell()
  const leaving = useAction(signOut)
  return (
    <Button variant="default" size="sm" onClick={() => leaving.run()} loading={leaving.isRunning}>
      {say('sign_out')}
    </Button>
  )
}
