// Errors of the Management API: `{"error":{"code","msg"}}`, codes and words as in the vendor's client (npm
// @voximplant/apiclient-nodejs 4.11.0, APIErrorCode).

const WORDS: Readonly<Record<number, string>> = {
  1: 'Fatal error',
  2: 'Internal error',
  5: 'Billing failed',
  15: 'Media server error',
  16: 'Media balancer error',
  21: 'Call service failed',
  100: 'Authorization failed',
  101: 'Invalid arguments',
  102: "Missing 'cmd' parameter",
  103: 'Unknown command',
  104: 'Forbidden command',
  105: 'The required output format type is not supported',
  107: 'Invalid application name',
  111: 'Invalid date format',
  115: "The 'account_id' parameter is invalid",
  116: "The 'application_id' parameter is invalid",
  117: "The 'user_id' parameter is invalid",
  121: 'Invalid phone number',
  123: 'Invalid date range',
  127: 'Insufficient money',
  129: 'Application name is not unique',
  130: 'The script text is too long',
  131: 'The account is not activated',
  132: "The 'scenario_id' parameter is invalid",
  133: 'The scenario name is not unique',
  134: 'Required parameter is empty',
  135: 'Session timeout',
  147: "The 'rule_id' parameter is invalid",
  148: "The 'rule_pattern' parameter is invalid",
  149: "The 'rule_pattern_exclude' parameter is invalid",
  150: "The 'call_session_history_id' parameter is invalid",
  156: "The 'rule_name' parameter is invalid",
  162: 'try later..',
  168: "The 'scenario_name' parameter is invalid",
  175: "The 'rule_name' is not unique",
  181: "The 'phone_id' parameter is invalid",
  185: 'Forbidden CallerID',
  257: "The 'reference_ip' parameter is invalid",
  261: "The 'record_id' parameter is invalid",
  314: 'Concurrent resource limit exceeded',
  317: 'Upgrade to a paid account to use the requested resource parameter',
  340: 'Rate limit exceed',
  341: 'Record is not found by ID',
  356: 'The call history report is not ready yet',
  375: 'No scenario is bound to the rule',
  433: 'Invalid key id.',
  447: 'Invalid token format.',
  454: 'The token TTL exceeds the maximum limit.',
  455: 'Token issued in the future.',
  456: 'The token has expired.',
  458: 'Specify only one of the following parameters',
  484: 'HTTP request is rejected due to probable automatic request resend. Try again later.',
  515: 'The same operation has been performed recently. Please try again later.',
  558: 'Application is not found.',
  569: 'Date range should be within the limit.',
}

/** What a command answers when it does not do what it was asked for. */
export class Refusal extends Error {
  readonly code: number

  constructor(code: number, words = WORDS[code] ?? 'Internal error') {
    super(words)
    this.code = code
  }
}

/** 496, which names what is wrong. */
export const invalidParameter = (name: string): Refusal =>
  new Refusal(496, `The '${name}' parameter is invalid.`)

export const missingParameter = (name: string): Refusal =>
  new Refusal(134, `Required parameter is empty: ${name}`)

export const errorBody = ({ code, message }: Refusal): object => ({
  error: { code, msg: message },
})
