// What an expression of PromQL asks, and the labels of what it gives: worked out from its tree, without data. Wrong is
// what Prometheus takes without a word and never answers: a label that is gone, two sides that cannot match.
import { parser } from '@prometheus-io/lezer-promql'
import type { SyntaxNode } from '@lezer/common'
import type { Exported, LabelShapes, SeriesShape, Values } from './exported.ts'
import { wrongWithMatcher, type Matcher } from './matchers.ts'

export interface Reading {
  readonly problems: readonly string[]
  /** The metrics it names, each once. */
  readonly families: ReadonlySet<string>
  /** Of its result; undefined: a number without labels. */
  readonly labels: LabelShapes | undefined
}

/** A vector on its way through the expression; undefined: a scalar, a string. */
type Vector = Pick<SeriesShape, 'labels' | 'counts'> | undefined

export function readExpression(expr: string, exported: Exported): Reading {
  const reader = new ExpressionReader(expr, exported)
  const tree = parser.parse(expr).topNode
  const broken = firstError(tree)
  if (broken !== undefined)
    return { problems: [`no PromQL at ${broken}`], families: new Set(), labels: new Map() }
  const [top] = childrenOf(tree)
  const result = top === undefined ? undefined : reader.vector(top)
  const { problems, families } = reader
  return { problems: [...problems], families, labels: result?.labels }
}

function firstError(tree: SyntaxNode): number | undefined {
  if (tree.type.isError) return tree.from
  for (const child of childrenOf(tree)) {
    const found = firstError(child)
    if (found !== undefined) return found
  }
  return undefined
}

function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  const found: SyntaxNode[] = []
  for (let child = node.firstChild; child !== null; child = child.nextSibling) found.push(child)
  return found
}

/** Functions that want what only counts up, and those that want what does not. */
const OF_COUNTERS = new Set(['rate', 'increase', 'irate', 'resets'])
const OF_GAUGES = new Set(['delta', 'idelta', 'deriv', 'predict_linear'])
const SCALARS = new Set(['scalar', 'time', 'pi'])
const SET_OPERATORS = new Set(['And', 'Or', 'Unless'])
/** They keep the series they choose. */
const CHOOSERS = new Set(['topk', 'bottomk', 'limitk', 'limit_ratio'])

class ExpressionReader {
  readonly problems = new Set<string>()
  readonly families = new Set<string>()
  readonly #expr: string
  readonly #exported: Exported

  constructor(expr: string, exported: Exported) {
    this.#expr = expr
    this.#exported = exported
  }

  vector(node: SyntaxNode): Vector {
    switch (node.name) {
      case 'VectorSelector':
        return this.#selector(node)
      case 'FunctionCall':
        return this.#call(node)
      case 'AggregateExpr':
        return this.#aggregate(node)
      case 'BinaryExpr':
        return this.#binary(node)
      case 'NumberDurationLiteral':
      case 'StringLiteral':
        return undefined
      default: {
        // Parentheses, ranges, offsets, signs: what they stand around.
        const inner = childrenOf(node).find(({ type }) => type.is('Expr'))
        return inner === undefined ? undefined : this.vector(inner)
      }
    }
  }

  #selector(node: SyntaxNode): Vector {
    const name = this.#text(node.getChild('Identifier'))
    const shape = this.#exported.get(name)
    if (shape === undefined) {
      this.problems.add(`nothing exports ${name === '' ? this.#text(node) : name}`)
      return { labels: new Map() }
    }
    this.families.add(shape.family)
    for (const matcher of this.#matchers(node)) {
      const values = shape.labels.get(matcher.label)
      const wrong =
        values === undefined ? `no label ${matcher.label}` : wrongWithMatcher(matcher, values)
      if (wrong !== undefined) this.problems.add(`${name}: ${wrong}`)
    }
    return shape
  }

  #matchers(node: SyntaxNode): readonly Matcher[] {
    const list = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []
    return list.map((matcher) => ({
      label: this.#text(matcher.getChild('LabelName')),
      op: this.#text(matcher.getChild('MatchOp')),
      value: unquoted(this.#text(matcher.getChild('StringLiteral'))),
    }))
  }

  #call(node: SyntaxNode): Vector {
    const name = this.#text(node.getChild('FunctionIdentifier'))
    const given = this.#arguments(node)
    const vectors = given.map((argument) => this.vector(argument))
    const vector = vectors.find((each) => each !== undefined)
    const of = `${name}() of ${this.#text(given[0] ?? null)}`
    if (OF_COUNTERS.has(name) && vector?.counts === false) this.problems.add(`${of}: a gauge`)
    if (OF_GAUGES.has(name) && vector?.counts === true) this.problems.add(`${of}: a counter`)
    if (SCALARS.has(name)) return undefined
    const labels = new Map(vector?.labels)
    if (name === 'histogram_quantile' && !labels.delete('le'))
      this.problems.add(`${name}: le is gone`)
    if (name === 'label_replace' || name === 'label_join')
      for (const label of this.#labelsMade(name, given, labels)) labels.set(label, 'open')
    return { labels }
  }

  #labelsMade(name: string, given: readonly SyntaxNode[], labels: LabelShapes): readonly string[] {
    const texts = given.slice(1).map((argument) => unquoted(this.#text(argument)))
    const [made = ''] = texts
    const sources = name === 'label_replace' ? texts.slice(2, 3) : texts.slice(2)
    // Without a source it sets a label to what it is told.
    this.#mustHave(
      labels,
      sources.filter((source) => source !== ''),
      name,
    )
    return [made]
  }

  #aggregate(node: SyntaxNode): Vector {
    const name = this.#text(node.getChild('AggregateOp'))
    const given = this.#arguments(node)
    const vectors = given.map((argument) => this.vector(argument))
    const vector = vectors.findLast((each) => each !== undefined)
    const labels: LabelShapes = vector?.labels ?? new Map<string, Values>()
    const modifier = node.getChild('AggregateModifier')
    const named = this.#labelsOf(modifier?.getChild('GroupingLabels') ?? null)
    this.#mustHave(labels, named, `${name} ${this.#text(modifier)}`)
    if (CHOOSERS.has(name)) return vector
    const kept =
      modifier?.getChild('Without') === null
        ? only(labels, named)
        : modifier === null
          ? new Map<string, Values>()
          : without(labels, named)
    const [made] = given
    return {
      labels:
        name === 'count_values' && made !== undefined
          ? new Map([...kept, [unquoted(this.#text(made)), 'open']])
          : kept,
      ...(vector?.counts === undefined ? {} : { counts: vector.counts }),
    }
  }

  #binary(node: SyntaxNode): Vector {
    const [one, other] = childrenOf(node).filter(({ type }) => type.is('Expr'))
    const left = one && this.vector(one)
    const right = other && this.vector(other)
    if (left === undefined || right === undefined) return left ?? right
    const isOr = node.getChild('Or') !== null
    const isSet = [...SET_OPERATORS].some((name) => node.getChild(name) !== null)
    const clause = node.getChild('MatchingModifierClause')
    const [first = null, second = null] = clause?.getChildren('GroupingLabels') ?? []
    const named = this.#labelsOf(first)
    const isOn = clause?.getChild('On') != null
    const matched = this.#matched(left.labels, right.labels, { named, isOn, isOr, node })
    if (isOr) return { labels: new Map([...left.labels, ...right.labels]) }
    if (isSet) return { labels: left.labels }
    const carried = this.#labelsOf(second)
    if (clause?.getChild('GroupLeft')) return this.#many(left.labels, right.labels, carried)
    if (clause?.getChild('GroupRight')) return this.#many(right.labels, left.labels, carried)
    return { labels: matched }
  }

  /** The labels by which both sides find each other. */
  #matched(
    left: LabelShapes,
    right: LabelShapes,
    {
      named,
      isOn,
      isOr,
      node,
    }: { named: readonly string[]; isOn: boolean; isOr: boolean; node: SyntaxNode },
  ): LabelShapes {
    const what = this.#text(node)
    if (isOn) {
      this.#mustHave(left, named, `on() at the left of ${what}`)
      this.#mustHave(right, named, `on() at the right of ${what}`)
      return only(left, named)
    }
    this.#mustHave(new Map([...left, ...right]), named, `ignoring() of ${what}`)
    const [ofLeft, ofRight] = [without(left, named), without(right, named)]
    const differs = [...ofLeft.keys(), ...ofRight.keys()].filter(
      (label) => ofLeft.has(label) !== ofRight.has(label),
    )
    if (!isOr && differs.length > 0)
      this.problems.add(`the sides never match, one lacks ${differs.join(', ')}: ${what}`)
    return ofLeft
  }

  #many(many: LabelShapes, one: LabelShapes, carried: readonly string[]): Vector {
    this.#mustHave(one, carried, 'what group_left() or group_right() carries over')
    return { labels: new Map([...many, ...only(one, carried)]) }
  }

  #mustHave(labels: LabelShapes, wanted: readonly string[], by: string): void {
    for (const label of wanted)
      if (!labels.has(label)) this.problems.add(`no label ${label} for ${by}`)
  }

  #arguments(node: SyntaxNode): readonly SyntaxNode[] {
    const body = node.getChild('FunctionCallBody')
    return body === null ? [] : childrenOf(body).filter(({ type }) => type.is('Expr'))
  }

  #labelsOf(list: SyntaxNode | null): readonly string[] {
    return list?.getChildren('LabelName').map((name) => this.#text(name)) ?? []
  }

  #text(node: SyntaxNode | null): string {
    return node === null ? '' : this.#expr.slice(node.from, node.to)
  }
}

const only = (labels: LabelShapes, names: readonly string[]): LabelShapes =>
  new Map([...labels].filter(([label]) => names.includes(label)))

const without = (labels: LabelShapes, names: readonly string[]): LabelShapes =>
  new Map([...labels].filter(([label]) => !names.includes(label)))

/** https://prometheus.io/docs/prometheus/latest/querying/basics/#string-literals */
function unquoted(literal: string): string {
  const inner = literal.slice(1, -1)
  if (literal.startsWith('`')) return inner
  const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }
  return inner.replace(/\\(.)/gs, (_, escaped: string) => escapes[escaped] ?? escaped)
}
