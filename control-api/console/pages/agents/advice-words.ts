// What the pre-flight check says of an agent (control-api/elevenlabs/agent-settings.ts), in the reader's language. The API
// speaks English; a test goes through everything that it can say.
import type { Language } from '../../words/language.ts'

type Foreign = Exclude<Language, 'en'>
type Sentence = readonly [pattern: RegExp, ru: string, de: string]

const PAGE_RU = 'на странице агента в ElevenLabs'
const PAGE_DE = 'auf der Seite des Agenten bei ElevenLabs'

/** `$1` as in `String.replace`. */
const SENTENCES: readonly Sentence[] = [
  [
    /^ElevenLabs does not say which audio formats it uses$/,
    'ElevenLabs не сообщает, в каких форматах он слышит и говорит',
    'ElevenLabs sagt nicht, welche Tonformate er verwendet',
  ],
  [
    /^Look at the agent’s page at ElevenLabs: µ-law 8000 Hz both ways costs least\.$/,
    'Загляните на страницу агента в ElevenLabs: µ-law 8000 Гц в обе стороны дешевле всего.',
    'Auf der Seite des Agenten bei ElevenLabs nachsehen: µ-law 8000 Hz in beide Richtungen kostet am wenigsten.',
  ],
  [
    /^its audio format is one that we do not know: (.+)$/,
    'формат звука нам неизвестен: $1',
    'sein Tonformat ist uns unbekannt: $1',
  ],
  [
    /^Set it to µ-law 8000 Hz \(ulaw_8000\) on .+, for what it hears and for what it says\.$/,
    `Задайте µ-law 8000 Гц (ulaw_8000) ${PAGE_RU} — и для того, что он слышит, и для того, что говорит.`,
    `µ-law 8000 Hz (ulaw_8000) einstellen, ${PAGE_DE}: für das, was er hört, und für das, was er sagt.`,
  ],
  [
    /^it hears (\S+) and speaks (\S+), as the telephone does$/,
    'слышит $1 и говорит $2, как телефон',
    'er hört $1 und spricht $2, wie das Telefon',
  ],
  [
    /^it hears (\S+) and speaks (\S+): that works and is converted; .+ costs less$/,
    `слышит $1 и говорит $2: это работает с преобразованием; µ-law 8000 Гц (ulaw_8000) в обе стороны, ${PAGE_RU}, обойдётся дешевле`,
    `er hört $1 und spricht $2: das geht und wird umgewandelt; µ-law 8000 Hz (ulaw_8000) in beide Richtungen, ${PAGE_DE}, kostet weniger`,
  ],
  [
    /^ElevenLabs does not say which events it sends us$/,
    'ElevenLabs не сообщает, какие события он нам шлёт',
    'ElevenLabs sagt nicht, welche Ereignisse er uns schickt',
  ],
  [
    /^it does not send audio: callers would hear nothing$/,
    'он не шлёт звук: абоненты ничего не услышат',
    'er schickt keinen Ton: Anrufer würden nichts hören',
  ],
  [
    /^Add (.+) to the client events on .+\.$/,
    `Добавьте $1 в client events ${PAGE_RU}.`,
    `$1 bei den Client Events ergänzen, ${PAGE_DE}.`,
  ],
  [
    /^without (\S+) it does not tell how much of an answer was heard$/,
    'без $1 не узнать, сколько из ответа было услышано',
    'ohne $1 bleibt offen, wie viel einer Antwort gehört wurde',
  ],
  [
    /^without (\S+) the caller cannot interrupt it$/,
    'без $1 абонент не может его перебить',
    'ohne $1 kann der Anrufer ihn nicht unterbrechen',
  ],
  [
    /^without (\S+) what callers say is missing from transcripts$/,
    'без $1 в расшифровках нет слов абонентов',
    'ohne $1 fehlt in Transkripten, was Anrufer sagen',
  ],
  [
    /^without (\S+) what it says is missing from transcripts$/,
    'без $1 в расшифровках нет его слов',
    'ohne $1 fehlt in Transkripten, was er sagt',
  ],
  [
    /^it sends the events that we need$/,
    'шлёт нужные нам события',
    'er schickt die Ereignisse, die wir brauchen',
  ],
  [
    /^it only writes and does not speak$/,
    'он только пишет и не говорит',
    'er schreibt nur und spricht nicht',
  ],
  [
    /^Turn off “text only” on .+\.$/,
    `Выключите «text only» ${PAGE_RU}.`,
    `„Text only“ ausschalten, ${PAGE_DE}.`,
  ],
  [
    /^it ends a talk after (\S+) s, and when nobody speaks for (\S+) s$/,
    'завершает разговор через $1 с, а также если $2 с все молчат',
    'er beendet ein Gespräch nach $1 s, und wenn $2 s lang niemand spricht',
  ],
  [
    /^it ends a talk after (\S+) s, not when nobody speaks \(we watch for that\)$/,
    'завершает разговор через $1 с, но не при молчании (за этим следим мы)',
    'er beendet ein Gespräch nach $1 s, nicht bei Stille (darauf achten wir)',
  ],
  [
    /^Raise the maximum duration of a conversation on .+\.$/,
    `Увеличьте предельную длительность разговора ${PAGE_RU}.`,
    `Die Höchstdauer eines Gesprächs heraufsetzen, ${PAGE_DE}.`,
  ],
  [
    /^Set a silence timeout, such as 30 s, on .+: silence costs as talk does\.$/,
    `Задайте предел молчания, например 30 с, ${PAGE_RU}: молчание стоит столько же, сколько разговор.`,
    `Eine Grenze für Stille setzen, etwa 30 s, ${PAGE_DE}: Stille kostet so viel wie Reden.`,
  ],
  [
    /^it can end a call by itself$/,
    'может сам завершить звонок',
    'er kann einen Anruf selbst beenden',
  ],
  [
    /^it cannot end a call: somebody has to hang up on it$/,
    'не может завершить звонок: кто-то должен положить трубку',
    'er kann einen Anruf nicht beenden: jemand muss auflegen',
  ],
  [
    /^Add the system tool “end call” on .+\.$/,
    `Добавьте системный инструмент «end call» ${PAGE_RU}.`,
    `Das System-Werkzeug „end call“ hinzufügen, ${PAGE_DE}.`,
  ],
  [
    /^it does not notice answering machines: .+$/,
    'не замечает автоответчиков: разговор с таким идёт, пока не кончится место',
    'er bemerkt keine Anrufbeantworter: ein Anruf bei einem läuft, bis dieser voll ist',
  ],
  [
    /^For calls that go out, add the system tool “voicemail detection” on .+\.$/,
    `Для исходящих звонков добавьте системный инструмент «voicemail detection» ${PAGE_RU}.`,
    `Für ausgehende Anrufe das System-Werkzeug „voicemail detection“ hinzufügen, ${PAGE_DE}.`,
  ],
  [
    /^its system tool transfer_to_number works on the telephony of ElevenLabs alone: .+$/,
    'его системный инструмент transfer_to_number работает только в телефонии ElevenLabs: здесь он никого не переведёт',
    'sein System-Werkzeug transfer_to_number geht nur in der Telefonie von ElevenLabs: hier verbindet es niemanden weiter',
  ],
  [
    /^Take it out on .+, and define a client tool of the name transfer_to_human\.$/,
    `Уберите его ${PAGE_RU} и опишите клиентский инструмент с именем transfer_to_human.`,
    `Herausnehmen, ${PAGE_DE}, und ein Client-Werkzeug mit dem Namen transfer_to_human anlegen.`,
  ],
  [
    /^ElevenLabs does not say whether first_message and language of a call may replace its own$/,
    'ElevenLabs не сообщает, можно ли заменять first_message и language при звонке',
    'ElevenLabs sagt nicht, ob first_message und language eines Anrufs seine eigenen ersetzen dürfen',
  ],
  [
    /^first_message and language of a call may replace its own$/,
    'first_message и language можно задать для каждого звонка',
    'first_message und language eines Anrufs dürfen seine eigenen ersetzen',
  ],
  [
    /^a call that sends (\S+) or (\S+) is refused by it: .+$/,
    `звонок с $1 или $2 он отклонит: это не разрешено в overrides ${PAGE_RU}`,
    `einen Anruf mit $1 oder $2 weist er ab: unter Overrides nicht erlaubt, ${PAGE_DE}`,
  ],
  [
    /^a call that sends (\S+) is refused by it: .+$/,
    `звонок с $1 он отклонит: это не разрешено в overrides ${PAGE_RU}`,
    `einen Anruf mit $1 weist er ab: unter Overrides nicht erlaubt, ${PAGE_DE}`,
  ],
  [
    /^its first message needs (.+), which we do not send by ourselves: .+$/,
    'его первой фразе нужны $1, а сами мы этого не шлём: входящие звонки не удадутся',
    'seine erste Nachricht braucht $1; das schicken wir nicht von selbst: eingehende Anrufe würden scheitern',
  ],
  [
    /^its prompt needs (.+), which we do not send by ourselves: .+$/,
    'его промпту нужны $1, а сами мы этого не шлём: входящие звонки не удадутся',
    'sein Prompt braucht $1; das schicken wir nicht von selbst: eingehende Anrufe würden scheitern',
  ],
  [
    /^Take it out of the first message on .+, or send it .+$/,
    `Уберите это из первой фразы ${PAGE_RU} или передавайте с каждым звонком в dynamic_variables и не принимайте входящих.`,
    `Aus der ersten Nachricht herausnehmen, ${PAGE_DE}, oder mit jedem Anruf in dynamic_variables mitschicken und keine annehmen.`,
  ],
  [
    /^Take it out of the prompt on .+, or send it .+$/,
    `Уберите это из промпта ${PAGE_RU} или передавайте с каждым звонком в dynamic_variables и не принимайте входящих.`,
    `Aus dem Prompt herausnehmen, ${PAGE_DE}, oder mit jedem Anruf in dynamic_variables mitschicken und keine annehmen.`,
  ],
  [
    /^it has a list of the web sites that may use it: .+$/,
    'у него есть список сайтов, которым он доступен: телефонный звонок приходит не с сайта',
    'er hat eine Liste der Websites, die ihn verwenden dürfen: ein Telefonanruf kommt von keiner',
  ],
  [
    /^If calls are refused, empty the allowlist on .+\.$/,
    `Если звонки отклоняются, очистите allowlist ${PAGE_RU}.`,
    `Wenn Anrufe abgewiesen werden, die Allowlist leeren, ${PAGE_DE}.`,
  ],
  [
    /^it is public: .+$/,
    'он открыт для всех: кто знает его id, может с ним говорить, а платите вы',
    'er ist öffentlich: wer seine Id kennt, kann mit ihm reden, und Sie zahlen',
  ],
  [
    /^Turn on authentication on .+; the key opens it for us all the same\.$/,
    `Включите аутентификацию ${PAGE_RU}; нам его всё равно откроет ключ.`,
    `Authentifizierung einschalten, ${PAGE_DE}; der Schlüssel öffnet ihn uns trotzdem.`,
  ],
]

const PLACE: Readonly<Record<Foreign, 1 | 2>> = { ru: 1, de: 2 }

/** Undefined: it is said in a way that we do not know, and stays English. */
export function adviceWords(text: string, language: Language): string | undefined {
  if (language === 'en') return text
  const whole = translated(text, language)
  if (whole !== undefined) return whole
  // Several losses in one sentence.
  const parts = text.split('; ').map((part) => translated(part, language))
  return parts.every((part) => part !== undefined) ? parts.join('; ') : undefined
}

function translated(text: string, language: Foreign): string | undefined {
  const sentence = SENTENCES.find(([pattern]) => pattern.test(text))
  if (sentence === undefined) return undefined
  const and = language === 'ru' ? ' и ' : ' und '
  return text
    .replace(sentence[0], sentence[PLACE[language]])
    .replaceAll(/(?<=[a-z_]) and (?=[a-z_])/g, and)
}
