// The one time axis of a call: what the carrier, the gateway and the agent did, what was said, and why it was silent.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useMediaQuery } from '@mantine/hooks'
import { LayerLanes, StandingLanes } from './axis-lanes.tsx'
import type { AxisModel } from './axis-model.ts'
import type { CallAxisProps } from './axis-types.ts'
import { AxisView } from './axis-view.ts'
import { useAxisWords } from './axis-words.ts'
import { Details } from './details.tsx'
import { EntryList } from './entry-list.tsx'
import { isMoment, type Entry } from './entry.ts'
import { OverviewMap } from './overview-map.tsx'
import { clockText } from './ruler-ticks.ts'
import { Stage } from './stage.tsx'
import { Toolbar } from './toolbar.tsx'
import { togetherWith } from './together.ts'
import { useAxisKeys } from './use-axis-keys.ts'
import { useAxisModel } from './use-axis-model.ts'
import { useFollowing } from './use-following.ts'
import css from './axis.module.css'

const NARROW = '(max-width: 48em)'

export function CallAxis(props: CallAxisProps) {
  const { call, speech, isLive, selected, player } = props
  const say = useAxisWords()
  const model = useAxisModel(props)
  const [view] = useState(() => new AxisView())
  const [audio, setAudio] = useState<HTMLAudioElement | null>(null)
  const [isList, setIsList] = useState(false)
  const isNarrow = useMediaQuery(NARROW, false, { getInitialValueInEffect: false })
  const following = useFollowing(view, { model, isLive, createdAt: call.created_at })
  const { choose, pick } = useChoosing(props, model)
  const entry = (selected && model.byKey.get(selected.key)) ?? null
  const onKeyDown = useAxisKeys({ view, model, entry, choose, player, onMoved: following.stop })
  useEffect(() => (audio === null ? undefined : player.attach(audio)), [audio, player])
  useShowChosen(view, selected?.offsetMs ?? null)
  const together = useMemo(
    () => (entry === null ? [] : togetherWith(entry, model.lanes[entry.lane], view.pxPerMs)),
    [entry, model, view],
  )
  const zoomTo = (entries: readonly Entry[]): void => {
    const ends = entries.map((one) => (isMoment(one) ? one.fromMs : Math.min(one.toMs, model.toMs)))
    view.show(Math.min(...entries.map(({ fromMs }) => fromMs)), Math.max(...ends))
    following.stop()
  }
  const lanes = { ...props, view, model, audio, following }
  const shows = { axis: !isList || isNarrow, list: isList || isNarrow }
  return (
    <section className={css['root']} aria-label={say('title')} data-axis={call.call_id}>
      {call.has_recording && (
        <audio ref={setAudio} preload="metadata" src={`/api/calls/${call.call_id}/recording`} />
      )}
      <Toolbar
        view={view}
        player={player}
        hasRecording={call.has_recording}
        isList={!shows.axis}
        onList={isNarrow ? null : setIsList}
        following={isLive ? following : null}
      />
      {shows.axis && (
        <>
          <Stage
            view={view}
            onPick={pick}
            onMoved={following.stop}
            onKeyDown={onKeyDown}
            beside={<StandingLanes {...lanes} />}
          >
            <LayerLanes {...lanes} />
          </Stage>
          {!isLive && (
            <OverviewMap view={view} model={model} speech={speech} onMoved={following.stop} />
          )}
        </>
      )}
      <Details
        entry={entry}
        together={together}
        createdAt={call.created_at}
        onChoose={choose}
        onZoom={zoomTo}
      />
      <div role="status" className={css['hidden']}>
        {entry !== null && say('selected', { title: entry.title, at: clockText(entry.fromMs) })}
      </div>
      {shows.list && (
        <EntryList entries={model.all} selectedKey={selected?.key ?? null} onChoose={choose} />
      )}
    </section>
  )
}

/** Choosing something puts the cursor there, too: what was heard then is one key away. */
function useChoosing({ onSelect, player }: CallAxisProps, model: AxisModel) {
  const latest = useRef({ onSelect, model })
  useEffect(() => {
    latest.current = { onSelect, model }
  })
  const choose = useCallback(
    (entry: Entry | null) => {
      latest.current.onSelect(entry === null ? null : { key: entry.key, offsetMs: entry.fromMs })
      if (entry !== null) player.seek(entry.fromMs)
    },
    [player],
  )
  const pick = useCallback(
    (key: string | null, ms: number) => {
      const hit = key === null ? undefined : latest.current.model.byKey.get(key)
      if (hit === undefined) player.seek(ms)
      else choose(hit)
    },
    [player, choose],
  )
  return { choose, pick }
}

function useShowChosen(view: AxisView, offsetMs: number | null): void {
  useEffect(() => {
    if (offsetMs !== null) view.reveal(offsetMs)
  }, [view, offsetMs])
}
