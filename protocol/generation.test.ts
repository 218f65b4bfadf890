import { describe, expect, it } from 'vitest'
import { greedyOptions, optionsOf, optionsTensor } from './generation.ts'
import type { Tensor } from './tensor.ts'

const textTensor = (text: string): Tensor => {
  const bytes = new TextEncoder().encode(text)
  return { name: 'options', datatype: 'UINT8', shape: [bytes.byteLength], bytes }
}

describe('the options of a task', () => {
  it('come back as they were written', () => {
    expect(optionsOf([optionsTensor(greedyOptions(7))])).toEqual(greedyOptions(7))
  })

  it('are read once for a tensor, which all steps of an answer have', () => {
    const tensor = optionsTensor(greedyOptions(7))
    expect(optionsOf([{ ...tensor }])).toBe(optionsOf([tensor]))
    expect(optionsOf([optionsTensor(greedyOptions(8))]).maxTokens).toBe(8)
  })

  it('are refused where they are missing, no JSON, or say what there is not, each time', () => {
    expect(() => optionsOf([])).toThrow('The task has no options.')
    const bad = textTensor('{"maxTokens":0}')
    for (let again = 0; again < 2; again++) {
      expect(() => optionsOf([textTensor('{')])).toThrow('The options are not JSON.')
      expect(() => optionsOf([bad])).toThrow(/^options\./)
    }
  })
})
