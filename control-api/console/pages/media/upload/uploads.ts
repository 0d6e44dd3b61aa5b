// The uploads of this tab: they go on while other pages are looked at, and the tab asks before it is closed meanwhile.
import { useSyncExternalStore } from 'react'
import { refreshMedia } from '../queries.ts'
import { sendFile } from './send-file.ts'
import { createUploadQueue, isUnderWay, type Upload } from './upload-queue.ts'

export const uploads = createUploadQueue(async (wish) => {
  const media = await sendFile(wish)
  void refreshMedia()
  return media
})

const warn = (event: BeforeUnloadEvent): void => event.preventDefault()

uploads.subscribe(() => {
  if (uploads.all().some(isUnderWay)) addEventListener('beforeunload', warn)
  else removeEventListener('beforeunload', warn)
})

export const useUploads = (): readonly Upload[] =>
  useSyncExternalStore(uploads.subscribe, uploads.all)
