/** Random conditions over a few signals, and random rows for them, for the property tests. */
import fc from 'fast-check'

export const numberNames = ['order_amount', 'coupon_share', 'user_amount_1d', 'dormancy_days']
export const boolNames = ['is_claim', 'watched', 'device_handmade']
export const stringNames = ['campaign', 'channel']
export const texts = ['', 'a', 'ab', 'b1', 'x.y']

const literal = fc.constantFrom('0', '1', '2', '3', '7', '0x0A', '0.5', '2.25', '1e1')
const numberName = fc.constantFrom(...numberNames)
const text = fc.constantFrom(...texts).map((value) => JSON.stringify(value))
const stringName = fc.constantFrom(...stringNames)
const comparison = fc.constantFrom('<', '<=', '>', '>=', '==', '!=')
const pattern = fc.constantFrom('"^a"', '"b?1$"', '"[.x]"', '"(a|b)+"')

const stringTest = fc
  .oneof(
    fc.tuple(stringName, fc.constantFrom('==', '!='), fc.oneof(text, stringName)),
    fc
      .tuple(stringName, fc.constant('in'), fc.array(text, { minLength: 1, maxLength: 3 }))
      .map(([name, op, list]) => [name, op, `[${list.join(', ')}]`]),
    fc
      .tuple(stringName, fc.constantFrom('startsWith', 'endsWith', 'contains'), text)
      .map(([name, method, arg]) => [`${name}.${method}(${arg})`]),
    fc.tuple(stringName, pattern).map(([name, arg]) => [`${name}.matches(${arg})`]),
  )
  .map((words) => words.join(' '))

const boolTest = fc.oneof(
  fc.constantFrom(...boolNames),
  fc
    .tuple(
      fc.constantFrom(...boolNames),
      fc.constantFrom('==', '!='),
      fc.constantFrom(...boolNames, 'true', 'false'),
    )
    .map((words) => words.join(' ')),
  fc.constantFrom(...boolNames, ...numberNames, ...stringNames).map((name) => `known(${name})`),
)

/** `choosing`: with `?:`, which may not stand in the condition of another. */
export const condition = fc.letrec<{
  number: string
  plainNumber: string
  bool: string
  plainBool: string
}>((tie) => {
  const operators = fc.constantFrom('+', '+', '-', '*', '*', '/', '%')
  const numberOf = (part: fc.Arbitrary<string>) =>
    fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 4, arbitrary: numberName },
      { weight: 1, arbitrary: literal },
      {
        weight: 2,
        arbitrary: fc.tuple(part, operators, part).map(([a, op, b]) => `(${a} ${op} ${b})`),
      },
      { weight: 1, arbitrary: part.map((a) => `-(${a})`) },
    )
  const boolOf = (number: fc.Arbitrary<string>, part: fc.Arbitrary<string>) =>
    fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.tuple(number, comparison, number).map(([a, op, b]) => `${a} ${op} ${b}`),
      fc
        .tuple(numberName, fc.array(literal, { minLength: 1, maxLength: 3 }))
        .map(([name, list]) => `${name} in [${list.join(', ')}]`),
      stringTest,
      boolTest,
      fc.tuple(part, fc.constantFrom('&&', '||'), part).map(([a, op, b]) => `(${a} ${op} ${b})`),
      fc.tuple(part, part, part).map((parts) => `(${parts.join(' && ')})`),
      part.map((a) => `!(${a})`),
    )
  return {
    plainNumber: numberOf(tie('plainNumber')),
    number: fc.oneof(
      numberOf(tie('number')),
      fc
        .tuple(tie('plainBool'), tie('number'), tie('number'))
        .map(([c, a, b]) => `((${c}) ? ${a} : ${b})`),
    ),
    plainBool: boolOf(tie('plainNumber'), tie('plainBool')),
    bool: fc.oneof(
      boolOf(tie('number'), tie('bool')),
      fc
        .tuple(tie('plainBool'), tie('bool'), tie('bool'))
        .map(([c, a, b]) => `((${c}) ? ${a} : ${b})`),
    ),
  }
}).bool

/** Values that meet the literals of the conditions often. */
export const numberValue = fc.constantFrom(0, 0.5, 1, 2, 2.25, 3, 4, 7, 10, 20, -1)
export const textValue = fc.constantFrom(...texts)
