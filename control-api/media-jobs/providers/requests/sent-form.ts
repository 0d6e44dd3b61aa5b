// A file as the body of an upload: read from the disk while it is sent.
import { openAsBlob } from 'node:fs'
import type { SentFile } from '../animation-provider.ts'

/** D-ID takes names of at most 50 letters, digits, dots and dashes. */
const NAMES: Readonly<Record<SentFile['contentType'], string>> = {
  'image/jpeg': 'photo.jpg',
  'audio/wav': 'speech.wav',
  'audio/mpeg': 'speech.mp3',
}

export async function formOf(field: string, { path, contentType }: SentFile): Promise<FormData> {
  const form = new FormData()
  form.set(field, await openAsBlob(path, { type: contentType }), NAMES[contentType])
  return form
}
