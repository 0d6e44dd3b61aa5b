// Some voices of GET /tts/voices.

const voice = (id: string, name: string, language: string): object => ({
  id,
  name,
  gender: 'female',
  access: 'public',
  provider: 'microsoft',
  languages: [{ language, locale: id.slice(0, 5), accent: null }],
  styles: [],
})

export const VOICES = [
  voice('en-US-JennyNeural', 'Jenny', 'English'),
  voice('de-DE-KatjaNeural', 'Katja', 'German'),
  voice('ru-RU-SvetlanaNeural', 'Svetlana', 'Russian'),
] as const
