// The only page without a session: a key for twelve hours at most.
import { useEffect, useState, type SubmitEvent } from 'react'
import { Alert, Button, Center, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { getSessionQueryKey } from '../api/generated/@tanstack/react-query.gen.ts'
import { signIn } from '../api/generated/sdk.gen.ts'
import { asProblem } from '../api/problem.ts'
import { queryClient } from '../api/queries.ts'
import { problemWords } from '../components/failure.tsx'
import { useCommon } from '../words/common.ts'
import { defineWords } from '../words/define-words.ts'
import { disownHistory } from './own-history.ts'
import { tellSignedIn } from './sign-out.ts'

const useWords = defineWords('sign-in', {
  en: {
    title: 'Sign in',
    key: 'Key',
    hint: 'An API key of this server. It signs you in for twelve hours at most and is not kept in this page.',
    submit: 'Sign in',
    wrong: 'This key is not known, has run out or was revoked.',
    role: 'This key may not use the console: it needs the role viewer, operator or admin.',
    limited: 'Too many attempts. Wait a moment, then try again.',
  },
  ru: {
    title: 'Вход',
    key: 'Ключ',
    hint: 'Ключ API этого сервера. Вход действует не дольше двенадцати часов; сам ключ на странице не хранится.',
    submit: 'Войти',
    wrong: 'Ключ неизвестен, просрочен или отозван.',
    role: 'Этому ключу консоль недоступна: нужна роль viewer, operator или admin.',
    limited: 'Слишком много попыток. Подождите немного и попробуйте снова.',
  },
  de: {
    title: 'Anmelden',
    key: 'Schlüssel',
    hint: 'Ein API-Schlüssel dieses Servers. Die Anmeldung gilt höchstens zwölf Stunden; der Schlüssel selbst wird in der Seite nicht aufbewahrt.',
    submit: 'Anmelden',
    wrong: 'Dieser Schlüssel ist unbekannt, abgelaufen oder widerrufen.',
    role: 'Mit diesem Schlüssel geht die Konsole nicht: er braucht die Rolle viewer, operator oder admin.',
    limited: 'Zu viele Versuche. Warten Sie etwas und versuchen Sie es dann noch einmal.',
  },
})

/** What to do about these is known here; anything else says it itself. */
const KNOWN: Readonly<Record<number, 'wrong' | 'role' | 'limited'>> = {
  401: 'wrong',
  403: 'role',
  429: 'limited',
}

export function SignInPage() {
  const say = useWords()
  const sayCommon = useCommon()
  const [key, setKey] = useState('')
  const attempt = useMutation({
    mutationFn: () => signIn({ body: { key: key.trim() } }),
    onSuccess: ({ data }) => {
      setKey('')
      queryClient.setQueryData(getSessionQueryKey(), data)
      tellSignedIn(data.key_id)
    },
  })
  useEffect(disownHistory, [])
  useEffect(() => {
    document.title = `${say('title')} · voicegate`
  }, [say])
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    attempt.mutate()
  }
  const problem = asProblem(attempt.error)
  const known = KNOWN[problem.status]
  return (
    <Center component="main" mih="100dvh" p="md">
      <Paper component="form" onSubmit={submit} withBorder p="xl" maw={420} w="100%">
        <Stack>
          <Title order={1} size="h2">
            voicegate
          </Title>
          <Text c="dimmed">{say('hint')}</Text>
          <PasswordInput
            label={say('key')}
            value={key}
            onChange={(event) => setKey(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
            required
            withAsterisk={false}
            // There is nothing else on this page.
            autoFocus
          />
          {attempt.isError && (
            <Alert color="red" role="alert">
              {known === undefined ? problemWords(problem, sayCommon) : say(known)}
            </Alert>
          )}
          <Button type="submit" loading={attempt.isPending} disabled={key.trim() === ''}>
            {say('submit')}
          </Button>
        </Stack>
      </Paper>
    </Center>
  )
}
