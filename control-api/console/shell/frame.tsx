// What stands around every page: where one can go, who one is, and whether what is shown is live.
import { useEffect, useRef, type ReactNode, type RefObject } from 'react'
import {
  AppShell,
  Badge,
  Box,
  Burger,
  Group,
  NavLink as Entry,
  ScrollArea,
  Text,
} from '@mantine/core'
import { useDisclosure, useMediaQuery } from '@mantine/hooks'
import { Link, useLocation } from 'wouter'
import { useLiveState } from '../live/live.tsx'
import { currentLanguage } from '../words/language.ts'
import { ReaderMenu } from './reader-menu.tsx'
import { navPages } from './pages.ts'
import { pathsOf } from './page.ts'
import { useShell } from './words.ts'

/** Below it the menu stands before the page. */
const MENU_BESIDE = 'md'
const IS_NARROW = '(max-width: 61.99em)'

export function Frame({ children }: { readonly children: ReactNode }) {
  const say = useShell()
  const burger = useRef<HTMLButtonElement>(null)
  const menu = useMenu(burger)
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 216, breakpoint: MENU_BESIDE, collapsed: { mobile: !menu.isOpen } }}
      padding={{ base: 'sm', sm: 'md' }}
    >
      <AppShell.Header>
        <a className="skip-link" href="#page">
          {say('skip')}
        </a>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group wrap="nowrap" gap="sm" miw={0}>
            <Burger
              ref={burger}
              opened={menu.isOpen}
              onClick={menu.toggle}
              hiddenFrom={MENU_BESIDE}
              size="sm"
              aria-label={say(menu.isOpen ? 'close_menu' : 'open_menu')}
              aria-expanded={menu.isOpen}
            />
            <Text fw={700}>voicegate</Text>
            <LiveBadge />
          </Group>
          <ReaderMenu />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar
        p="xs"
        aria-label={say('pages')}
        onClick={menu.close}
        // Mantine moves it off the screen, where one would still tab through it.
        style={menu.isAway ? { visibility: 'hidden' } : undefined}
      >
        <ScrollArea>
          <Entries group={undefined} />
          <Text size="xs" c="dimmed" px="sm" pt="md" pb={4}>
            {say('server')}
          </Text>
          <Entries group="server" />
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main id="page" tabIndex={-1} inert={menu.isBefore}>
        {children}
      </AppShell.Main>
    </AppShell>
  )
}

/** Where there is no room beside the page: opened by its button, closed by Escape, a choice, or another page. */
function useMenu(burger: RefObject<HTMLButtonElement | null>) {
  const [isOpen, { toggle, close }] = useDisclosure()
  const [path] = useLocation()
  const isNarrow = useMediaQuery(IS_NARROW)
  const isBefore = isOpen && isNarrow
  const isAway = !isOpen && isNarrow
  useEffect(close, [path, close])
  useEffect(() => {
    if (!isBefore) return undefined
    const onKey = ({ key }: KeyboardEvent): void => {
      if (key !== 'Escape') return
      close()
      burger.current?.focus()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [isBefore, close, burger])
  return { isOpen, isBefore, isAway, toggle, close }
}

function Entries({ group }: { readonly group: 'server' | undefined }) {
  const [here] = useLocation()
  return navPages
    .filter(({ nav }) => nav.group === group)
    .map((page) => {
      const { nav } = page
      const path = pathsOf(page)[0] ?? '/'
      const top = nav.beneath ?? path
      const isHere = path === '/' ? here === '/' : here === top || here.startsWith(`${top}/`)
      return (
        <Entry
          key={path}
          component={Link}
          href={path}
          aria-current={isHere ? 'page' : undefined}
          active={isHere}
          label={nav.label[currentLanguage()]}
          leftSection={<nav.icon size={16} />}
        />
      )
    })
}

/** Said when it is not so: a page that looks live and is not misleads. */
function LiveBadge() {
  const say = useShell()
  const state = useLiveState()
  // There before it says anything: what comes with its words is not read out.
  return (
    <Box aria-live="polite" miw={0}>
      {state === 'away' && (
        <Badge color="red" variant="light" maw="100%" title={say('away_hint')}>
          {say('away')}
        </Badge>
      )}
    </Box>
  )
}
