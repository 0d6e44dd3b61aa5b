// What the pre-flight check found: what to change always in sight, the rest behind a button.
import { useId } from 'react'
import { Badge, Box, Button, Collapse, Group, Stack, Text, VisuallyHidden } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import {
  AlertFillIcon,
  CheckCircleFillIcon,
  InfoIcon,
  XCircleFillIcon,
} from '@primer/octicons-react'
import type { UseQueryResult } from '@tanstack/react-query'
import type { CheckAgentResponse } from '../../api/generated/types.gen.ts'
import { Failure } from '../../components/failure.tsx'
import { currentLanguage } from '../../words/language.ts'
import { adviceWords } from './advice-words.ts'
import { sortFindings, verdictOf, type Finding } from './verdict.ts'
import { useAgentWords } from './words.ts'

type Check = UseQueryResult<CheckAgentResponse, unknown>

const VERDICT_COLORS = { ready: 'teal', advised: 'yellow', broken: 'red' } as const

export function VerdictBadge({ check: { data, error, isFetching } }: { readonly check: Check }) {
  const say = useAgentWords()
  if (error !== null)
    return (
      <Badge variant="light" color="gray" role="status">
        {say('unchecked')}
      </Badge>
    )
  if (data === undefined)
    return isFetching ? (
      <Badge variant="light" color="gray" role="status">
        {say('checking')}
      </Badge>
    ) : null
  const verdict = verdictOf(data.findings)
  return (
    <Badge variant="light" color={VERDICT_COLORS[verdict]} role="status">
      {say(verdict)}
    </Badge>
  )
}

interface CheckResultProps {
  readonly name: string
  readonly check: Check
}

export function CheckResult({ name, check: { data, error, refetch } }: CheckResultProps) {
  const say = useAgentWords()
  const [isOpen, { toggle }] = useDisclosure()
  const panel = useId()
  if (error !== null) return <Failure error={error} retry={() => void refetch()} />
  if (data === undefined) return null
  const { urgent, others } = sortFindings(data.findings)
  return (
    <Stack gap="sm">
      {urgent.length > 0 && <Findings label={say('urgent_of', { name })} findings={urgent} />}
      {data.findings.length === 0 && <Text size="sm">{say('nothing')}</Text>}
      {others.length > 0 && (
        <Box>
          <Button
            size="compact-sm"
            variant="subtle"
            onClick={toggle}
            aria-expanded={isOpen}
            aria-controls={panel}
          >
            {say('more', { count: others.length })}
          </Button>
          <Collapse expanded={isOpen} id={panel}>
            <Box pt="xs">
              <Findings label={say('more_of', { name })} findings={others} />
            </Box>
          </Collapse>
        </Box>
      )}
    </Stack>
  )
}

interface FindingsProps {
  readonly label: string
  readonly findings: readonly Finding[]
}

function Findings({ label, findings }: FindingsProps) {
  return (
    <Stack component="ul" aria-label={label} gap="xs" m={0} p={0} style={{ listStyle: 'none' }}>
      {findings.map((finding) => (
        <Line key={`${finding.verdict} ${finding.seen}`} finding={finding} />
      ))}
    </Stack>
  )
}

const SIGNS = {
  fail: { Sign: XCircleFillIcon, color: 'var(--mantine-color-error)' },
  warn: { Sign: AlertFillIcon, color: 'light-dark(#8a5a00, #e3b341)' },
  info: { Sign: InfoIcon, color: 'var(--mantine-color-dimmed)' },
  ok: {
    Sign: CheckCircleFillIcon,
    color: 'light-dark(var(--mantine-color-teal-9), var(--mantine-color-teal-4))',
  },
} as const

function Line({ finding: { verdict, seen, todo } }: { readonly finding: Finding }) {
  const say = useAgentWords()
  const { Sign, color } = SIGNS[verdict]
  return (
    <Group component="li" gap="xs" wrap="nowrap" align="flex-start">
      <Box component="span" pt={2} style={{ color }}>
        <Sign size={16} />
        <VisuallyHidden>{say(verdict)}: </VisuallyHidden>
      </Box>
      <Box miw={0}>
        <Advice text={seen} isStrong={verdict === 'fail' || verdict === 'warn'} />
        {todo !== null && <Advice text={todo} />}
      </Box>
    </Group>
  )
}

function Advice({
  text,
  isStrong = false,
}: {
  readonly text: string
  readonly isStrong?: boolean
}) {
  const words = adviceWords(text, currentLanguage())
  const shown = words ?? text
  return (
    <Text
      size="sm"
      fw={isStrong ? 600 : 400}
      lang={words === undefined ? 'en' : undefined}
      style={{ overflowWrap: 'anywhere' }}
    >
      {shown.charAt(0).toUpperCase() + shown.slice(1)}
    </Text>
  )
}
