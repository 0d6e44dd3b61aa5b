// TwiML read into verbs (twilio.com/docs/voice/twiml): defaults filled in; what Twilio would warn of is told.
import { messageOf } from '#core/errors'
import type {
  DialledNumber,
  GatherVerb,
  HttpMethod,
  PromptVerb,
  RecordingNoun,
  StreamNoun,
  TwimlDocument,
  TwimlProblem,
  Verb,
} from './twiml-verbs.ts'
import { isElement, parseXml, textOf, type XmlElement } from './xml.ts'

const SCHEMA_WARNING = 12200
const VOICE =
  /^(man|woman|alice|Polly\.[A-Z][\p{L}]+(-Neural|-Generative)?|Google\.[a-z]{2,3}-.+)$/u

export function decodeTwiml(text: string): TwimlDocument {
  const warnings: TwimlProblem[] = []
  try {
    const root = parseXml(text)
    if (root.name !== 'Response')
      return invalid(`the root element is <${root.name}>, not <Response>`)
    return { kind: 'document', verbs: new Reading(warnings).verbs(root), warnings }
  } catch (error) {
    return invalid(messageOf(error))
  }
}

const invalid = (message: string): TwimlDocument => ({
  kind: 'invalid',
  problem: { code: 12100, message: `Document parse failure: ${message}` },
})

class Reading {
  readonly #warnings: TwimlProblem[]

  constructor(warnings: TwimlProblem[]) {
    this.#warnings = warnings
  }

  verbs(root: XmlElement): Verb[] {
    return this.#elementsOf(root).flatMap((element, index) => {
      const verb = this.#verb(element)
      if (verb?.verb === 'Reject' && index > 0) this.#warn('Reject is not the first verb')
      return verb === undefined ? [] : [verb]
    })
  }

  #verb(element: XmlElement): Verb | undefined {
    const { name, attributes } = element
    switch (name) {
      case 'Say':
      case 'Play':
      case 'Pause':
        return this.#prompt(element)
      case 'Gather':
        return this.#gather(element)
      case 'Dial':
        return this.#dial(element)
      case 'Redirect':
        return { verb: 'Redirect', url: textOf(element).trim(), method: this.#method(element) }
      case 'Hangup':
        return { verb: 'Hangup' }
      case 'Reject':
        return { verb: 'Reject', reason: attributes['reason'] === 'busy' ? 'busy' : 'rejected' }
      case 'Record':
        return {
          verb: 'Record',
          action: attributes['action'],
          method: this.#method(element),
          maxSeconds: this.#number(element, 'maxLength', 3600),
          recording: this.#recording(element),
        }
      case 'Connect':
        return this.#connect(element)
      case 'Start':
      case 'Stop':
        return this.#startOrStop(element)
      default: {
        this.#warn(`<${name}> is no verb that is known here`)
        return
      }
    }
  }

  #prompt(element: XmlElement): PromptVerb {
    const { attributes } = element
    const loop = this.#number(element, 'loop', 1)
    switch (element.name) {
      case 'Pause':
        return { verb: 'Pause', seconds: this.#number(element, 'length', 1) }
      case 'Play': {
        const digits = attributes['digits'] ?? null
        return { verb: 'Play', url: textOf(element).trim(), loop, digits }
      }
      default: {
        const voice = attributes['voice'] ?? null
        if (voice !== null && !VOICE.test(voice)) this.#warn(`there is no voice “${voice}”`)
        const text = textOf(element).replace(/\s+/g, ' ').trim()
        if (text === '') this.#problem(13520, 'Say: no text')
        return { verb: 'Say', text, voice, language: attributes['language'] ?? null, loop }
      }
    }
  }

  #gather(element: XmlElement): GatherVerb {
    const { attributes } = element
    const finishOnKey = attributes['finishOnKey'] ?? '#'
    if (!/^[0-9*#]?$/.test(finishOnKey)) this.#problem(13310, 'Gather: invalid finishOnKey')
    const empty = attributes['actionOnEmptyResult'] ?? 'false'
    if (empty !== 'true' && empty !== 'false')
      this.#problem(13338, 'Gather: invalid actionOnEmptyResult')
    const prompts = this.#elementsOf(element).flatMap((child) => {
      if (['Say', 'Play', 'Pause'].includes(child.name)) return [this.#prompt(child)]
      this.#warn(`<${child.name}> has no place in Gather`)
      return []
    })
    return {
      verb: 'Gather',
      action: attributes['action'],
      method: this.#method(element),
      timeoutSeconds: this.#number(element, 'timeout', 5),
      finishOnKey: /^[0-9*#]?$/.test(finishOnKey) ? finishOnKey : '#',
      numDigits: attributes['numDigits'] ? this.#number(element, 'numDigits', 1) : null,
      actionOnEmptyResult: empty === 'true',
      hearsKeys: (attributes['input'] ?? 'dtmf').split(' ').includes('dtmf'),
      language: attributes['language'] ?? null,
      prompts,
    }
  }

  #dial(element: XmlElement): Verb {
    const { attributes } = element
    const nouns = this.#elementsOf(element)
    const numbers = nouns.flatMap((noun): DialledNumber[] => {
      if (noun.name !== 'Number') {
        this.#warn(`<${noun.name}> in Dial is not known here`)
        return []
      }
      const statusCallback = noun.attributes['statusCallback']
      const events = eventsOf(noun, 'statusCallbackEvent', 'completed')
      return [{ number: textOf(noun).trim(), statusCallback, statusCallbackEvents: events }]
    })
    const plain = nouns.length === 0 ? textOf(element).trim() : ''
    const bare = { number: plain, statusCallback: undefined, statusCallbackEvents: [] }
    return {
      verb: 'Dial',
      numbers: plain === '' ? numbers : [bare],
      action: attributes['action'],
      method: this.#method(element),
      timeoutSeconds: this.#number(element, 'timeout', 30),
      callerId: attributes['callerId'] ?? null,
    }
  }

  #connect(element: XmlElement): Verb | undefined {
    const [noun, ...more] = this.#elementsOf(element)
    if (noun?.name !== 'Stream' || more.length > 0) {
      this.#warn('Connect takes one Stream and nothing else')
      return
    }
    if ((noun.attributes['track'] ?? 'inbound_track') !== 'inbound_track')
      this.#warn('Connect allows the inbound track only')
    const { action } = element.attributes
    return { verb: 'Connect', stream: this.#stream(noun), action, method: this.#method(element) }
  }

  #startOrStop(element: XmlElement): Verb | undefined {
    const [noun] = this.#elementsOf(element)
    switch (`${element.name} ${noun?.name ?? 'nothing'}`) {
      case 'Start Stream':
        return noun && { verb: 'StartStream', stream: this.#stream(noun) }
      case 'Start Recording':
        return noun && { verb: 'StartRecording', recording: this.#recording(noun) }
      case 'Stop Stream':
        return { verb: 'StopStream', name: noun?.attributes['name'] ?? null }
      case 'Stop Recording':
        return { verb: 'StopRecording' }
      default: {
        this.#warn(`${element.name} takes a Stream or a Recording`)
        return
      }
    }
  }

  #stream(noun: XmlElement): StreamNoun {
    const { attributes } = noun
    const pairs = this.#elementsOf(noun).map(({ attributes: { name = '', value = '' } }) => {
      if (name.length + value.length >= 500) this.#warn(`the parameter ${name} is too long`)
      return [name, value] as const
    })
    return {
      url: attributes['url'] ?? '',
      name: attributes['name'] ?? null,
      statusCallback: attributes['statusCallback'],
      parameters: Object.fromEntries(pairs),
    }
  }

  #recording(noun: XmlElement): RecordingNoun {
    const { attributes } = noun
    return {
      statusCallback: attributes['recordingStatusCallback'],
      statusCallbackEvents: eventsOf(noun, 'recordingStatusCallbackEvent', 'completed'),
      channels: attributes['channels'] === 'dual' ? 2 : 1,
      track: attributes['track'] ?? 'both',
    }
  }

  #method({ attributes }: XmlElement): HttpMethod {
    const method = attributes['method'] ?? 'POST'
    if (method === 'GET' || method === 'POST') return method
    this.#warn(`there is no method ${method}`)
    return 'POST'
  }

  #number({ name, attributes }: XmlElement, attribute: string, otherwise: number): number {
    const text = attributes[attribute]
    if (text === undefined) return otherwise
    if (/^\d+$/.test(text)) return Number(text)
    this.#warn(`${attribute} of ${name} is no number`)
    return otherwise
  }

  #elementsOf(element: XmlElement): XmlElement[] {
    const elements = element.children.filter(isElement)
    const hasText = element.children.some((child) => !isElement(child) && child.trim() !== '')
    if (hasText && elements.length > 0)
      this.#warn(`there is text between those of <${element.name}>`)
    return elements
  }

  #warn(message: string): undefined {
    this.#problem(SCHEMA_WARNING, `Schema validation warning: ${message}`)
  }

  #problem(code: number, message: string): void {
    this.#warnings.push({ code, message })
  }
}

const eventsOf = ({ attributes }: XmlElement, name: string, otherwise: string): string[] =>
  (attributes[name] ?? otherwise).split(' ').filter((event) => event !== '')
