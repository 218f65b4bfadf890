import { it } from 'vitest'
import { createConstraint } from '../../../engine/language/constraint/createConstraint.ts'
import { END, tokenizer, allowedTexts, idOf } from '../../../engine/language/constraint/grammarTestbed.ts'
it('zz', async () => {
  const look = async (grammar: string) => {
    const c = await createConstraint({ kind: 'ebnf', grammar }, tokenizer, [END])
    await c.mask(); c.accept(idOf('0'))
    console.log('{"', grammar.slice(0,150), ' => ', allowedTexts(await c.mask()).join(' '))
    c.dispose()
  }

  await look('root ::= ([0-9] | [1-9] [0-9] | [1-9] [0-9] [0-9]) "x"')
  await look('root ::= ([0-9] | [1-9] [0-9] | [1-9] [0-9] [0-9]) ("." [0-9])?')
  await look('root ::= ([0-9] | [1-9] [0-9] | [1-9] [0-9]{2}) "x"')
  await look('root ::= [0-9] | [1-9] [0-9] | [1-9] [0-9]{2}')
  await look('root ::= ("0" | [1-9] [0-9]{0,18}) ("." [0-9]{1,15})?')
  await look('root ::= ("0" | [1-9] [0-9]{0,18}) ("." [0-9]{1,15})? | "-" "1"')
  await look('root ::= ("0" | [1-9] ([0-9] ([0-9])?)?) ("." [0-9]{1,15})? | "-" "1"')
  await look('root ::= a ("." [0-9]{1,15})?\na ::= [0-9] | [1-9] [0-9] | [1-9] b\nb ::= [0-9]{2}')
  await look('root ::= a ("." [0-9]{1,15})?\na ::= "0" | [1-9] | [1-9] b | [1-9] c\nb ::= [0-9]\nc ::= [0-9] [0-9]')
  await look('root ::= a "x"\na ::= "0" | [1-9] b\nb ::= "" | [0-9] c\nc ::= "" | [0-9]')
}, 200000)
