// The scenarios we know by name, in the reader's language; of others the API's own words are shown.
import { defineWords } from '../../words/define-words.ts'

const en = {
  'name-answered': 'Answered',
  'name-operator-message-then-answer': 'Announcement, then an answer',
  'name-operator-message-then-failure': 'Announcement, then a failure',
  'name-busy': 'Busy',
  'name-declined': 'Declined',
  'name-no-answer': 'No answer',
  'name-cancel-crosses-answer': 'CANCEL crosses the answer',
  'name-caller-hangs-up': 'Caller hangs up',
  'name-agent-hangs-up': 'Agent hangs up',
  'name-agent-refuses': 'Agent refuses',
  'name-agent-drops': 'Agent drops',
  'name-agent-slow': 'Slow agent',
  'name-barge-in': 'Barge-in',
  'name-dtmf': 'Keys (DTMF)',
  'name-carrier-vanishes': 'Carrier vanishes',
  'name-packet-loss': 'Packet loss',
  'name-nat': 'Behind a NAT',
  'name-inbound': 'Inbound call',
  'name-inbound-order-ivr': 'Order by keypad',
  'story-answered':
    'It rings, somebody answers, hears the agent, asks and is answered; the API hangs up.',
  'story-operator-message-then-answer':
    'The carrier speaks first (183 with sound), then somebody answers, talks and hangs up.',
  'story-operator-message-then-failure':
    'The carrier says that nobody can be reached (183 with sound), then 480.',
  'story-busy': '486 Busy Here.',
  'story-declined': 'It rings, then 603 Decline.',
  'story-no-answer': 'It rings until our time is up: CANCEL, and no money spent on the ringing.',
  'story-cancel-crosses-answer':
    'The API takes the call back, and somebody picks up in that very moment: BYE, no agent.',
  'story-caller-hangs-up': 'Somebody calls in and hangs up while the agent is speaking.',
  'story-agent-hangs-up':
    'The agent says goodbye and closes; what it said is heard to its end before the BYE.',
  'story-agent-refuses':
    'The agent refuses the upgrade with 403, for good: the person is told, and nothing is billed.',
  'story-agent-drops':
    'A first attempt is closed with 1011, the second works, then breaks in mid-sentence.',
  'story-agent-slow':
    'The agent takes four seconds to say its first word: silence is sent, nobody is hung up on.',
  'story-barge-in': 'Somebody talks over the agent: it falls silent, listens and answers.',
  'story-dtmf':
    'Keys are pressed, by SIP INFO and by telephone events: the agent is told, and answers.',
  'story-carrier-vanishes':
    'The carrier is gone, sound and signalling: told at 5 s, the agent closed at 30 s.',
  'story-packet-loss':
    '5 % of the packets are lost, the rest arrive up to 40 ms off, some out of order: both ways.',
  'story-nat': 'The phone stands behind a NAT: its SDP names an address that cannot be reached.',
  'story-inbound': 'Somebody calls in, is greeted, asks, is answered and hangs up.',
  'story-inbound-order-ivr':
    'Somebody calls in, consents by key, types an order number, confirms it; no agent at all.',
} as const

const ru = {
  'name-answered': 'Ответили',
  'name-operator-message-then-answer': 'Объявление, затем ответ',
  'name-operator-message-then-failure': 'Объявление, затем отказ',
  'name-busy': 'Занято',
  'name-declined': 'Отклонён',
  'name-no-answer': 'Нет ответа',
  'name-cancel-crosses-answer': 'CANCEL навстречу ответу',
  'name-caller-hangs-up': 'Абонент кладёт трубку',
  'name-agent-hangs-up': 'Агент кладёт трубку',
  'name-agent-refuses': 'Агент отказывает',
  'name-agent-drops': 'Агент отключается',
  'name-agent-slow': 'Медленный агент',
  'name-barge-in': 'Перебивание',
  'name-dtmf': 'Клавиши (DTMF)',
  'name-carrier-vanishes': 'Оператор пропал',
  'name-packet-loss': 'Потеря пакетов',
  'name-nat': 'За NAT',
  'name-inbound': 'Входящий звонок',
  'name-inbound-order-ivr': 'Заказ с клавиатуры',
  'story-answered':
    'Гудки, ответ; человек слышит агента, спрашивает и получает ответ; звонок завершает API.',
  'story-operator-message-then-answer':
    'Сначала говорит оператор (183 со звуком), потом отвечают, говорят и кладут трубку.',
  'story-operator-message-then-failure':
    'Оператор сообщает, что абонент недоступен (183 со звуком), затем 480.',
  'story-busy': '486 Busy Here.',
  'story-declined': 'Гудки, затем 603 Decline.',
  'story-no-answer': 'Гудки, пока не выйдет наше время: CANCEL, и за гудки ничего не заплачено.',
  'story-cancel-crosses-answer':
    'API отзывает звонок, и в этот самый миг поднимают трубку: BYE, без агента.',
  'story-caller-hangs-up': 'Входящий звонок: трубку кладут, пока агент говорит.',
  'story-agent-hangs-up':
    'Агент прощается и закрывается; сказанное звучит до конца, и только потом BYE.',
  'story-agent-refuses':
    'Агент окончательно отказывает (403): человеку об этом говорят, и ничего не тарифицируется.',
  'story-agent-drops':
    'Первая попытка закрыта с кодом 1011, вторая работает и обрывается на полуслове.',
  'story-agent-slow':
    'До первого слова агента четыре секунды: идёт тишина, но трубку никто не бросает.',
  'story-barge-in': 'Человек перебивает агента: тот умолкает, слушает и отвечает.',
  'story-dtmf': 'Нажимают клавиши, через SIP INFO и telephone-event: агенту сообщают, он отвечает.',
  'story-carrier-vanishes':
    'Оператор пропал, и звук, и сигнализация: через 5 с замечено, через 30 с агент закрыт.',
  'story-packet-loss':
    '5 % пакетов теряется, задержка остальных колеблется на 40 мс, некоторые меняются местами: в обе стороны.',
  'story-nat': 'Телефон за NAT: его SDP называет адрес, до которого не добраться.',
  'story-inbound': 'Звонят нам: приветствие, вопрос, ответ, трубку кладут.',
  'story-inbound-order-ivr':
    'Звонят нам: согласие клавишей, номер заказа, подтверждение; агента нет вовсе.',
}

const de = {
  'name-answered': 'Angenommen',
  'name-operator-message-then-answer': 'Ansage, dann Annahme',
  'name-operator-message-then-failure': 'Ansage, dann Fehlschlag',
  'name-busy': 'Besetzt',
  'name-declined': 'Abgelehnt',
  'name-no-answer': 'Keine Antwort',
  'name-cancel-crosses-answer': 'CANCEL kreuzt Annahme',
  'name-caller-hangs-up': 'Anrufer legt auf',
  'name-agent-hangs-up': 'Agent legt auf',
  'name-agent-refuses': 'Agent verweigert sich',
  'name-agent-drops': 'Agent bricht ab',
  'name-agent-slow': 'Langsamer Agent',
  'name-barge-in': 'Ins Wort fallen',
  'name-dtmf': 'Tasten (DTMF)',
  'name-carrier-vanishes': 'Netzbetreiber verschwindet',
  'name-packet-loss': 'Paketverlust',
  'name-nat': 'Hinter einem NAT',
  'name-inbound': 'Eingehender Anruf',
  'name-inbound-order-ivr': 'Bestellung per Tasten',
  'story-answered':
    'Es klingelt, jemand nimmt ab, hört den Agenten, fragt und bekommt Antwort; die API legt auf.',
  'story-operator-message-then-answer':
    'Erst spricht der Netzbetreiber (183 mit Ton), dann nimmt jemand ab, redet und legt auf.',
  'story-operator-message-then-failure':
    'Der Netzbetreiber sagt an, dass niemand zu erreichen ist (183 mit Ton), dann 480.',
  'story-busy': '486 Busy Here.',
  'story-declined': 'Es klingelt, dann 603 Decline.',
  'story-no-answer': 'Es klingelt, bis unsere Zeit um ist: CANCEL, und das Klingeln kostet nichts.',
  'story-cancel-crosses-answer':
    'Die API nimmt den Anruf zurück, und genau da hebt jemand ab: BYE, kein Agent.',
  'story-caller-hangs-up': 'Jemand ruft an und legt auf, während der Agent spricht.',
  'story-agent-hangs-up':
    'Der Agent verabschiedet sich und schließt; zu hören ist alles bis zum Ende, dann BYE.',
  'story-agent-refuses':
    'Der Agent lehnt endgültig ab (403): Der Mensch hört eine Ansage, und nichts wird berechnet.',
  'story-agent-drops':
    'Ein erster Versuch endet mit 1011, der zweite klappt und bricht mitten im Satz ab.',
  'story-agent-slow':
    'Der Agent braucht vier Sekunden zum ersten Wort: Stille läuft, aber niemand legt auf.',
  'story-barge-in': 'Jemand fällt dem Agenten ins Wort: Er verstummt, hört zu und antwortet.',
  'story-dtmf':
    'Tasten werden gedrückt, per SIP INFO und als Telefonereignis: Der Agent erfährt es und antwortet.',
  'story-carrier-vanishes':
    'Der Netzbetreiber ist weg, Ton und Signalisierung: nach 5 s bemerkt, nach 30 s der Agent geschlossen.',
  'story-packet-loss':
    '5 % der Pakete gehen verloren, der Rest schwankt um 40 ms, manche tauschen den Platz: in beide Richtungen.',
  'story-nat': 'Das Telefon steht hinter einem NAT: Sein SDP nennt eine unerreichbare Adresse.',
  'story-inbound': 'Jemand ruft an, wird begrüßt, fragt, bekommt Antwort und legt auf.',
  'story-inbound-order-ivr':
    'Jemand ruft an, stimmt per Taste zu, tippt eine Bestellnummer und bestätigt sie; ganz ohne Agent.',
}

type Key = keyof typeof en
const useWords = defineWords('rehearsal-scenarios', { en, ru, de })
const isKey = (key: string): key is Key => key in en

interface Scenario {
  readonly name: string
  /** As the API tells it, in English. */
  readonly story?: string
}

export function useScenario(): (scenario: Scenario) => Required<Scenario> {
  const say = useWords()
  return ({ name, story = '' }) => {
    const [nameKey, storyKey] = [`name-${name}`, `story-${name}`]
    return {
      name: isKey(nameKey) ? say(nameKey) : name,
      story: isKey(storyKey) ? say(storyKey) : story,
    }
  }
}
