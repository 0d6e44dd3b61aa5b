// Words of how one tries this node; they come with that part alone.
import { defineWords } from '../../words/define-words.ts'

export const useTry = defineWords('overview-try', {
  en: {
    try: 'Try it',
    try_rehearsal:
      'This is a rehearsal: carrier and agent are simulated, nothing leaves this machine and nothing costs.',
    no_calls: 'There have been no calls yet.',
    call_in: 'Call this address with any softphone (no registration, PCMU or PCMA):',
    arrives: 'Calls from the trunks arrive at this address:',
    sip_starting: 'The SIP server is starting …',
    call_out: 'Or place a call:',
    dial: 'Place a call',
    demo: 'Numbers to dial; what happens then:',
    dial_number: 'Dial {{number}}: {{what}}',
    more_numbers: 'All {{count}} numbers',
    curl: 'Or from a terminal:',
  },
  ru: {
    try: 'Попробуйте',
    try_rehearsal:
      'Это репетиция: оператор связи и агент имитируются, ничего не выходит наружу и ничего не стоит.',
    no_calls: 'Звонков ещё не было.',
    call_in: 'Позвоните на этот адрес с любого софтфона (без регистрации, PCMU или PCMA):',
    arrives: 'Звонки с транков приходят на этот адрес:',
    sip_starting: 'SIP-сервер запускается …',
    call_out: 'Или позвоните отсюда:',
    dial: 'Позвонить',
    demo: 'Номера для набора и что при этом произойдёт:',
    dial_number: 'Набрать {{number}}: {{what}}',
    more_numbers: 'Все номера ({{count}})',
    curl: 'Или из терминала:',
  },
  de: {
    try: 'Ausprobieren',
    try_rehearsal:
      'Das ist eine Probe: Netzbetreiber und Agent sind simuliert, nichts verlässt diesen Rechner, nichts kostet.',
    no_calls: 'Es gab noch keine Anrufe.',
    call_in:
      'Rufen Sie mit einem beliebigen Softphone diese Adresse an (ohne Anmeldung, PCMU oder PCMA):',
    arrives: 'Anrufe der Trunks kommen unter dieser Adresse an:',
    sip_starting: 'Der SIP-Server startet …',
    call_out: 'Oder rufen Sie von hier aus an:',
    dial: 'Anrufen',
    demo: 'Nummern zum Wählen, und was dann geschieht:',
    dial_number: '{{number}} wählen: {{what}}',
    more_numbers: 'Alle {{count}} Nummern',
    curl: 'Oder von einem Terminal aus:',
  },
})
