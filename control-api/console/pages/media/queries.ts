// What the page reads, under keys that live news refreshes by name; what the news itself says is shown at once.
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import { queryClient, refresh } from '../../api/queries.ts'
import type { LiveMessage } from '../../live/live-feed.ts'
import { createSeldom } from '../../live/seldom.ts'
import { animationWithNews, mediaWithNews } from './news.ts'
import {
  getAnimation,
  getMedia,
  listAnimations,
  listMedia,
  listProviders,
  type AnimationQuery,
  type MediaQuery,
} from './requests.ts'
import type { AnimationPage, Media, MediaPage, WholeAnimation } from './shapes.ts'

const MEDIA = 'listMedia'
const ONE_MEDIA = 'getMedia'
const ANIMATIONS = 'listAnimations'
const ONE_ANIMATION = 'getAnimation'
const PROVIDERS = 'listAnimationProviders'

export const mediaOptions = (query: MediaQuery) =>
  queryOptions({
    queryKey: [{ _id: MEDIA, query }],
    queryFn: ({ signal }) => listMedia(query, signal),
    placeholderData: keepPreviousData,
  })

export const oneMediaOptions = (id: string) =>
  queryOptions({
    queryKey: [{ _id: ONE_MEDIA, id }],
    queryFn: ({ signal }) => getMedia(id, signal),
  })

export const animationsOptions = (query: AnimationQuery) =>
  queryOptions({
    queryKey: [{ _id: ANIMATIONS, query }],
    queryFn: ({ signal }) => listAnimations(query, signal),
    placeholderData: keepPreviousData,
  })

export const oneAnimationOptions = (id: string) =>
  queryOptions({
    queryKey: [{ _id: ONE_ANIMATION, id }],
    queryFn: ({ signal }) => getAnimation(id, signal),
  })

export const useProviders = () =>
  useQuery({ queryKey: [{ _id: PROVIDERS }], queryFn: ({ signal }) => listProviders(signal) })

export const refreshMedia = (): Promise<void> => refresh(MEDIA, ONE_MEDIA)
export const refreshAnimations = (): Promise<void> => refresh(ANIMATIONS, ONE_ANIMATION)
export const refreshProviders = (): Promise<void> => refresh(PROVIDERS)

const media = createSeldom(refreshMedia, { afterMs: 200, everyMs: 1500 })
const animations = createSeldom(refreshAnimations, { afterMs: 200, everyMs: 1500 })
/** How many places are taken: nobody waits for it. */
const providers = createSeldom(refreshProviders, { afterMs: 1000, everyMs: 10_000 })

/** For useLive. */
export function hearMedia({ type, data }: LiveMessage): void {
  if (type === 'media.changed') {
    if (isProgressAlone(data)) showProgress(data)
    else media.soon()
  }
  if (type !== 'animation.changed') return
  showState(data)
  animations.soon()
  providers.soon()
}

type News = LiveMessage['data']
const filterOf = (id: string) => ({ queryKey: [{ _id: id }] })

function showState(news: News): void {
  queryClient.setQueriesData<AnimationPage>(
    filterOf(ANIMATIONS),
    (page) => page && { ...page, items: page.items.map((one) => animationWithNews(one, news)) },
  )
  queryClient.setQueriesData<WholeAnimation>(
    filterOf(ONE_ANIMATION),
    (known) => known && { ...known, ...animationWithNews(known, news) },
  )
}

/** A video that is made over tells often how far it is: nothing else of it needs to be read for that. */
function isProgressAlone(news: News): boolean {
  if (news['transcode_state'] !== 'running') return false
  const pages = queryClient.getQueriesData<MediaPage>(filterOf(MEDIA))
  const single = queryClient.getQueriesData<Media>(filterOf(ONE_MEDIA))
  const known = [...pages.flatMap(([, page]) => page?.items ?? []), ...single.map(([, one]) => one)]
  return known.every(
    (one) => one?.media_id !== news['media_id'] || one?.transcode?.state === 'running',
  )
}

function showProgress(news: News): void {
  queryClient.setQueriesData<MediaPage>(
    filterOf(MEDIA),
    (page) => page && { ...page, items: page.items.map((one) => mediaWithNews(one, news)) },
  )
  queryClient.setQueriesData<Media>(
    filterOf(ONE_MEDIA),
    (known) => known && mediaWithNews(known, news),
  )
}
