// Trunks files that are wrong in one way, and what is said of each.
/** One trunk, its first two keys right; the keys behind them begin at line 4. */
export const trunk = (...keys: readonly string[]): string =>
  [
    'trunks:',
    '  - name: one',
    '    domain: sip.example.com',
    ...keys.map((key) => `    ${key}`),
  ].join('\n')

const KEYS_OF_TRUNK =
  'name, domain, proxy, transport, numbers, account, routes, inbound, codecs, media, srtp, number_format, caller_id, ' +
  'limits, health, pass_headers, transfer'
const NO_NUMBER =
  'must be a telephone number with its country code, such as +49 and the digits behind it'
const NO_GROUP = 'must be a group of keys, each with a value'
const TWICE = 'stands in this list already: take one of the two out'

/** What is written; what is said of it. */
export const WRONG: readonly (readonly [text: string, ...told: readonly string[]])[] = [
  // Keys.
  ['trunk: []', 'trunks.yaml:1: trunk: is no key that can stand here; did you mean trunks?'],
  [
    trunk('codec: [PCMU]'),
    'trunks.yaml:4: trunks[one].codec: is no key that can stand here; did you mean codecs?',
  ],
  [
    trunk('colour: red'),
    `trunks.yaml:4: trunks[one].colour: is no key that can stand here; there are ${KEYS_OF_TRUNK}`,
  ],
  [
    trunk('account: { user: u, pasword: p }'),
    'trunks.yaml:4: trunks[one].account.pasword: is no key that can stand here; did you mean password?',
    'trunks.yaml:4: trunks[one].account.password: is missing: add it. For digest authentication.',
  ],
  [
    trunk("'+4930231250001': x"),
    `trunks.yaml:4: trunks[one][2]: is no key that can stand here; there are ${KEYS_OF_TRUNK}`,
  ],
  [
    trunk('<<: x'),
    `trunks.yaml:4: trunks[one][2]: is no key that can stand here; there are ${KEYS_OF_TRUNK}`,
  ],
  [
    'trunks:\n  - name: one\n',
    'trunks.yaml:2: trunks[one].domain: is missing: add it. Host and optional port of sip:NUMBER@DOMAIN.',
  ],
  [
    trunk('codecs:'),
    'trunks.yaml:4: trunks[one].codecs: is empty: write a value, or take the key out',
  ],
  ['trunks:\n  -\n', 'trunks.yaml:2: trunks[0]: is empty: write a value, or take the key out'],
  // Keys that are there, but a level too high.
  [
    trunk('account:', 'user: u', 'password: p', 'priority: 1'),
    'trunks.yaml:4: trunks[one].account: is empty: write a value, or take the key out',
    'trunks.yaml:5: trunks[one].user: is no key that can stand here: it belongs to account, indented below it',
    'trunks.yaml:6: trunks[one].password: is no key that can stand here: it belongs to account, indented below it',
    'trunks.yaml:7: trunks[one].priority: is no key that can stand here: it belongs to routes, indented below it',
  ],
  // Kinds.
  ['- a\n', `trunks.yaml:1: ${NO_GROUP}: trunks, numbers`],
  ['trunks: x\n', 'trunks.yaml:1: trunks: must be a list: a line that begins with - for each'],
  ['trunks: [x]\n', `trunks.yaml:1: trunks[0]: ${NO_GROUP}: ${KEYS_OF_TRUNK}`],
  [
    trunk('caller_id: anonymous', "routes: ['+49']"),
    `trunks.yaml:4: trunks[one].caller_id: ${NO_GROUP}: from, asserted_identity, anonymous`,
    `trunks.yaml:5: trunks[one].routes[0]: ${NO_GROUP}: prefixes, priority, weight`,
  ],
  [
    trunk('transport: [udp]'),
    'trunks.yaml:4: trunks[one].transport: must be one value, no list and no group of keys',
  ],
  [trunk('codecs: []'), 'trunks.yaml:4: trunks[one].codecs: is an empty list: it needs an entry'],
  // Values.
  [
    'trunks:\n  - name: One!\n    domain: a\n',
    'trunks.yaml:2: trunks[0].name: must be 1 to 32 of a to z, 0 to 9 and -',
  ],
  [
    'trunks:\n  - name: one\n    domain: a b\n',
    'trunks.yaml:3: trunks[one].domain: must be a host, or a host and a port, such as 203.0.113.7 or 203.0.113.7:5060',
  ],
  [
    trunk('proxy: 203.0.113.9'),
    'trunks.yaml:4: trunks[one].proxy: must be a SIP URI without a user, such as sip:192.0.2.1:5060;transport=tcp',
  ],
  [trunk('transport: sctp'), 'trunks.yaml:4: trunks[one].transport: must be one of udp, tcp, tls'],
  [trunk('numbers: [030231250]'), `trunks.yaml:4: trunks[one].numbers[0]: ${NO_NUMBER}`],
  [
    trunk("numbers: ['+49 12']"),
    'trunks.yaml:4: trunks[one].numbers[0]: is no telephone number: it has too few or too many digits for its country, ' +
      'or something between them that is no digit',
  ],
  [
    trunk("numbers: ['+4930231250001', '${NUMBER}']"),
    `trunks.yaml:4: trunks[one].numbers[1]: ${TWICE}`,
  ],
  [
    trunk('account: { user: a@b, auth_user: a"b, password: "p\\n" , register: yes }'),
    'trunks.yaml:4: trunks[one].account.user: must be the user part alone, without "sip:" and without the domain',
    'trunks.yaml:4: trunks[one].account.auth_user: must be 1 to 128 visible characters without quotes, backslashes and spaces',
    'trunks.yaml:4: trunks[one].account.password: must be 1 to 256 characters, none of them a line break or a tab',
    'trunks.yaml:4: trunks[one].account.register: must be true or false, without quotes',
  ],
  [
    trunk("routes: [{ prefixes: ['49'], priority: 1.5, weight: '2' }]"),
    'trunks.yaml:4: trunks[one].routes[0].prefixes[0]: must be a plus sign and the first digits of a number, such as +49',
    'trunks.yaml:4: trunks[one].routes[0].priority: must be a whole number from 0 to 65535, without quotes',
    'trunks.yaml:4: trunks[one].routes[0].weight: must be a whole number from 0 to 65535, without quotes',
  ],
  [
    trunk('inbound: {}'),
    'trunks.yaml:4: trunks[one].inbound: must have addresses, tls_names or account; without the key its domain is asked',
  ],
  [
    trunk('inbound: { addresses: [sip.example.com, 203.0.113.0/33, 0.0.0.0/0], tls_names: [a b] }'),
    'trunks.yaml:4: trunks[one].inbound.addresses[0]: must be an IP address or a network, such as 203.0.113.0/24; no host name',
    'trunks.yaml:4: trunks[one].inbound.addresses[1]: must have 1 to 32 bits behind the slash',
    'trunks.yaml:4: trunks[one].inbound.addresses[2]: must have 1 to 32 bits behind the slash',
    'trunks.yaml:4: trunks[one].inbound.tls_names[0]: must be a host name, as it stands in a certificate',
  ],
  [
    trunk('inbound: { account: { username: u, password: p, algorithms: [SHA-1] } }'),
    'trunks.yaml:4: trunks[one].inbound.account.algorithms[0]: must be one of SHA-256, MD5',
  ],
  [
    trunk('codecs: [pcmu, G729, PCMA, PCMA]'),
    'trunks.yaml:4: trunks[one].codecs[0]: must be one of PCMU, PCMA, G722, opus; did you mean PCMU?',
    'trunks.yaml:4: trunks[one].codecs[1]: must be one of PCMU, PCMA, G722, opus',
    `trunks.yaml:4: trunks[one].codecs[3]: ${TWICE}`,
  ],
  [
    trunk('number_format: national'),
    'trunks.yaml:4: trunks[one].number_format: must be e164, digits, or a group of country, national_prefix and international_prefix',
  ],
  [
    trunk('number_format: { country: DE, national_prefix: x, international_prefix: + }'),
    'trunks.yaml:4: trunks[one].number_format.country: must be a country code such as 49',
    'trunks.yaml:4: trunks[one].number_format.national_prefix: must be digits, or "" where the country has none',
    'trunks.yaml:4: trunks[one].number_format.international_prefix: must be digits, or "" where none is wanted',
  ],
  [
    trunk('number_format: { country: 39, national_prefix: "", international_prefix: "" }'),
    'trunks.yaml:4: trunks[one].number_format.international_prefix: is empty, as national_prefix is: numbers here and abroad would look alike',
  ],
  [
    trunk('limits: { max_concurrent_calls: 0 }'),
    'trunks.yaml:4: trunks[one].limits.max_concurrent_calls: must be a whole number from 1 to 10000, without quotes',
  ],
  [trunk('limits: {}'), 'trunks.yaml:4: trunks[one].limits: must have at least one key'],
  [
    trunk('health: on'),
    'trunks.yaml:4: trunks[one].health: must be off, or a group of interval_seconds, down_after and up_after',
  ],
  [
    trunk('health: [off]'),
    'trunks.yaml:4: trunks[one].health: must be off, or a group of interval_seconds, down_after and up_after',
  ],
  [
    trunk('health: { interval_seconds: 1 }'),
    'trunks.yaml:4: trunks[one].health.interval_seconds: must be a whole number from 5 to 3600, without quotes',
  ],
  // Numbers.
  ['numbers: { 030231250: { agent: a } }', `trunks.yaml:1: numbers[0]: ${NO_NUMBER}`],
  [
    "numbers:\n  '+4930231250001': { agent: a }\n  '+49 30 23125 0001': { agent: b }\n",
    'trunks.yaml:3: numbers[1]: is a number that stands there already: take one of the two out',
  ],
  [
    "numbers: { '+4930231250001': { ivr: orders } }",
    'trunks.yaml:1: numbers[0].ivr: is no key: write answer_with: order-ivr, or order-ivr-then-agent',
  ],
  [
    "numbers: { '+4930231250001': { agent: a, reject: 404 } }",
    'trunks.yaml:1: numbers[0].reject: refuses whom another key answers: take one of the two out',
  ],
  [
    "numbers:\n  '+4930231250001': { agent: a }\n  '+4930231250002':\n    answer_with: agent\n    reject: 404\n",
    'trunks.yaml:5: numbers[1].reject: refuses whom another key answers: take one of the two out',
  ],
  [
    "numbers: { '+4930231250001': { agent: a, answer_with: order-ivr } }",
    'trunks.yaml:1: numbers[0].agent: is of no use beside answer_with: order-ivr, where nobody follows: ' +
      'write order-ivr-then-agent, or take it out',
  ],
  [
    "numbers: { '+4930231250001': { answer_with: order_ivr } }",
    'trunks.yaml:1: numbers[0].answer_with: must be one of agent, order-ivr, order-ivr-then-agent; did you mean order-ivr?',
  ],
  [
    "numbers: { '+4930231250001': agent_1 }",
    'trunks.yaml:1: numbers[0]: must say who answers: agent with its id, answer_with, or reject with 403, 404, 480 or 603',
  ],
  [
    "numbers: { '+4930231250001': { reject: 486 } }",
    'trunks.yaml:1: numbers[0].reject: must be one of 403, 404, 480, 603',
  ],
  [
    "numbers: { '+4930231250001': { reject: '404' } }",
    'trunks.yaml:1: numbers[0].reject: must be one of 403, 404, 480, 603',
  ],
  [
    "numbers: { '+4930231250001': { agent: 'a b' } }",
    'trunks.yaml:1: numbers[0].agent: must be an id as the vendor lists it: letters, digits, - and _',
  ],
  // What cannot stand together.
  [
    [
      'trunks:',
      '  - { name: one, domain: sip.example.com, inbound: { account: { username: u, password: p } } }',
      '  - { name: two, domain: sip.example.com, inbound: { account: { username: u, password: q } } }',
    ].join('\n'),
    'trunks.yaml:3: trunks[two].inbound.account.username: is that of an earlier trunk of this domain: their callers could not be told apart',
  ],
  [
    'trunks:\n  - { name: one, domain: a }\n  - name: one\n    domain: b\n',
    'trunks.yaml:3: trunks[1].name: is the name of an earlier trunk: choose another',
  ],
  [
    trunk('proxy: sip:203.0.113.9', 'transport: tcp'),
    'trunks.yaml:5: trunks[one].transport: is of no use beside proxy, which is what is reached: take it out, and write ' +
      ';transport=… behind the proxy',
  ],
  [
    trunk('caller_id: { from: account }'),
    'trunks.yaml:4: trunks[one].caller_id.from: is account, and there is none: add account, or choose number',
  ],
  [
    trunk('account: { user: u, password: p }', 'caller_id: { from: account, anonymous: true }'),
    'trunks.yaml:5: trunks[one].caller_id.from: shows the account, while anonymous hides it: choose one',
  ],
  [
    trunk("routes: [{ prefixes: ['+49'] }, { prefixes: ['+7', '+49'], priority: 1 }]"),
    'trunks.yaml:4: trunks[one].routes[1].prefixes: has a prefix of an earlier route of this trunk: leave it in one of them',
  ],
  [
    trunk('codecs: [PCMU, opus]'),
    'trunks.yaml:4: trunks[one].codecs[1]: is spoken by FreeSWITCH only: set media: anchored and FREESWITCH_HOST, or keep to PCMU and PCMA',
  ],
  [
    trunk('srtp: required', 'media: direct'),
    'trunks.yaml:4: trunks[one].srtp: is done by FreeSWITCH only: set media: anchored and FREESWITCH_HOST, or take it out',
  ],
  // Variables.
  [
    trunk('account:', '  user: u', '  password: ${CARRIER_PASS}'),
    'trunks.yaml:6: trunks[one].account.password: needs the variable CARRIER_PASS, which is not set: set it in .env or the environment',
  ],
  [
    trunk('account: { user: u, password: "a${b-c}" }'),
    'trunks.yaml:4: trunks[one].account.password: has ${ with no variable behind it: write ${NAME} in capitals, digits and _, or $${ for the two characters',
  ],
  // Text that is no YAML.
  [trunk('domain: x'), 'trunks.yaml:4: this key stands there already: take one of the two out'],
  ['trunks:\n\t- name: one\n', 'trunks.yaml:2: is indented by a tab: use spaces'],
  [
    trunk('numbers:').concat("\n\t- '+4930231250001'\n\tcolour: x: y\n"),
    'trunks.yaml:5: is indented by a tab: use spaces',
    'trunks.yaml:6: is indented by a tab: use spaces',
  ],
  [
    'trunks:\n  - name: one\n   domain: a\n',
    'trunks.yaml:3: is not indented as the lines it belongs to',
  ],
  [
    'trunks:\n  - name: one\n  domain: a\n',
    'trunks.yaml:3: is not indented as the lines it belongs to',
  ],
  [
    trunk('codecs [PCMU]'),
    'trunks.yaml:4: a colon is missing behind the key, or a space behind the colon',
  ],
  [
    trunk('media:direct'),
    'trunks.yaml:4: a colon is missing behind the key, or a space behind the colon',
  ],
  [
    trunk('account: { user: u, password: ${PASS} }'),
    'trunks.yaml:4: something stands here that YAML does not expect; inside [ ] and { }, write "${NAME}" in quotes',
  ],
  [
    trunk('account: { user: u, password: ${PASS} }', 'numbers: []', 'health: off'),
    'trunks.yaml:4: something stands here that YAML does not expect; inside [ ] and { }, write "${NAME}" in quotes',
  ],
  [
    trunk('numbers: [${NUMBER}]'),
    'trunks.yaml:4: a closing quote, bracket, brace, comma or colon is missing; inside [ ] and { }, write "${NAME}" in quotes',
  ],
  [
    trunk('proxy: a: b'),
    'trunks.yaml:4: has a second colon in one line: put the value into quotes; or the line below it is indented too far',
  ],
  [
    trunk('codecs: *all'),
    'trunks.yaml:4: trunks[one].codecs: refers to an anchor that is not there; in quotes * is a character',
  ],
  ['a: 1\n---\nb: 2\n', 'trunks.yaml:2: begins a second document (---): one file is one document'],
  ['x'.repeat(1_000_001), 'trunks.yaml:1: is far too long to be a trunks file'],
]
