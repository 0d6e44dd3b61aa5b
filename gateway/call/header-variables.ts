// The caller's extra headers as variables of its agent, named as ElevenLabs' own SIP trunks name them: `X-Foo-Bar` is
// `sip_foo_bar`, User-to-User `sip_uui_raw` and `sip_uui_data`. The prefix keeps them off the vendor's `system__` and
// `secret__`, and off ours.

export function headerVariables(
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const variables = new Map<string, string>()
  for (const [name, value] of Object.entries(headers)) {
    const found = name === 'user-to-user' ? userToUser(value) : [variableOf(name, value)]
    for (const [variable, text] of found)
      if (!variables.has(variable)) variables.set(variable, text)
  }
  return Object.fromEntries(variables)
}

const variableOf = (name: string, value: string): readonly [string, string] => [
  `sip_${name
    .toLowerCase()
    .replace(/^x-/, '')
    .replaceAll(/[^a-z0-9]/g, '_')}`,
  value,
]

/** RFC 7433 §4.1: `data;encoding=hex;…`, the data a token or quoted. */
function userToUser(raw: string): (readonly [string, string])[] {
  const [, quoted, token] = /^\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/.exec(raw) ?? []
  const written = quoted?.replaceAll(/\\(.)/g, '$1') ?? token ?? ''
  const data = /;\s*encoding\s*=\s*"?hex\b/i.test(raw) ? textOfHex(written) : written
  return [
    ['sip_uui_raw', raw],
    ['sip_uui_data', data],
  ]
}

/** Digits that stand for no readable text stay digits. */
function textOfHex(hex: string): string {
  if (!/^(?:[\da-f]{2})+$/i.test(hex)) return hex
  const text = Buffer.from(hex, 'hex').toString('utf8')
  return /[\p{Cc}\ufffd]/u.test(text) ? hex : text
}
