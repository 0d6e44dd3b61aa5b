// A short slice of `npm run proof -- sip-fuzz`, and proof that its judges can say no.
import t from 'tap'
import { SILENT } from '../../proof/progress.ts'
import { readMessage, type Response } from '../../proof/party/read-message.ts'
import { requestText } from '../../proof/party/write-message.ts'
import { InputBook } from '../../proof/sip-fuzz/input-book.ts'
import { judgeSdp } from '../../proof/sip-fuzz/sdp-fuzz.ts'
import { sipFuzz } from '../../proof/sip-fuzz/sip-fuzz.ts'

t.setTimeout(90_000)

for (const [transport, count] of [
  ['udp', 5000],
  ['tcp', 3000],
] as const)
  t.test(`${count} hostile messages, frames and SDPs over ${transport}`, async (t) => {
    const { problems, figures } = await sipFuzz.run({
      ...{ seed: 20_260_401, count, transport },
      progress: SILENT,
    })
    t.same(problems, [], 'nothing crashed, nothing was answered wrong, nothing is left', {
      figures,
    })
    // The mutations are neither too wild nor too tame: all kinds of answers came.
    for (const kind of ['1xx', '2xx', '4xx', '5xx', 'ACK', 'INVITE', 'SDP audio', 'SDP unusable'])
      t.match(figures.join('\n'), new RegExp(`\\d+ ${kind}`))
  })

const input = (n: number, method = 'OPTIONS'): string =>
  requestText({
    ...{ method, uri: 'sip:x@127.0.0.1', mark: `q${n}z` },
    ...{ sender: '127.0.0.1:5062', transport: 'UDP' },
  })

/** The answer to an input, changed. */
function answerTo(n: number, from: RegExp | string, to: string): Response {
  const text = input(n)
    .replace(/^.*\r\n/, 'SIP/2.0 200 OK\r\n')
    .replace(from, to)
  const message = readMessage(Buffer.from(text))
  if (message.kind !== 'response') throw new Error(JSON.stringify(message))
  return message
}

t.test('the book knows an answer that is not right', async (t) => {
  const judge = ({ fields, status }: Response): string | undefined => {
    const book = new InputBook('udp')
    book.add(7, input(7))
    book.add(8, input(8, 'ACK'))
    return book.judge(status, fields)
  }
  t.equal(judge(answerTo(7, '', '')), undefined, 'this one is')
  t.equal(judge(answerTo(9, '', '')), undefined, 'nobody knows of the ninth')
  t.match(judge(answerTo(7, /Call-ID: \S+/, 'Call-ID: strange')), 'Call-ID')
  t.match(judge(answerTo(7, '1 OPTIONS', '2 OPTIONS')), 'CSeq')
  t.match(judge(answerTo(7, 'branch=z9', 'branch=y9')), 'branch')
  t.match(judge(answerTo(7, '200 OK', '302 Moved')), '302')
  t.match(judge(answerTo(8, '', '')), 'an ACK was answered')
  const book = new InputBook('udp')
  book.add(7, input(7))
  const { fields } = answerTo(7, '', '')
  t.equal(book.judge(404, fields), undefined)
  t.equal(book.judge(404, fields), undefined, 'it may be repeated')
  t.match(book.judge(500, fields), 'answered 404 and then 500')
})

t.test('the reader knows a message that cannot be read', async (t) => {
  const read = (from: RegExp | string, to: string): string => {
    const message = readMessage(Buffer.from(input(7).replace(from, to)))
    return message.kind === 'broken' ? message.why : message.kind
  }
  t.equal(read('', ''), 'request')
  t.match(read(/CSeq: .*\r\n/, ''), 'cseq')
  t.match(read(/To:/, 'To: <sip:y@z>\r\nTo:'), 'to')
  t.match(read('Max-Forwards: 70', 'Max-Forwards: 70\nX: y'), 'LF')
  t.match(read('Content-Length: 0', 'Content-Length: 5'), 'Content-Length')
  t.match(read('sip:x@127.0.0.1 SIP', 'sip:x@127.0.0.1 ; lr SIP'), 'start line')
})

t.test('SDP that is taken is answered line by line', async (t) => {
  const usable = 'v=0\r\nc=IN IP4 127.0.0.1\r\nm=video 5 RTP/AVP 99\r\nm=audio 4000 RTP/AVP 0\r\n'
  t.same(judgeSdp(usable), { kind: 'audio' })
  t.same(judgeSdp(usable.replace('audio', 'text')), { kind: 'unusable' })
})
