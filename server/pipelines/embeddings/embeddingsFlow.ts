import { OpentabError } from '../../../protocol/errors.ts'
import { type Tensor, tensorOf } from '../../../protocol/tensor.ts'
import type { Flow } from '../../jobs/flow.ts'
import { type FlowOptions, fileOf } from '../modelParts.ts'
import { ownCopy } from '../pipelineMessages.ts'
import { type PipelineThread, sharedPipelineThread } from '../pipelineThread.ts'
import type { EmbeddingsBody } from './embeddingsRequest.ts'
import type { TokenBatch } from './tokenBatches.ts'

/** Answer of an embeddings job, as the OpenAI API has it. */
export interface EmbeddingsAnswer {
  object: 'list'
  /** In the order of the input. */
  data: { object: 'embedding'; index: number; embedding: number[] | string }[]
  model: string
  usage: { prompt_tokens: number; total_tokens: number }
}

/**
 * Embeds texts: tokens, tasks of texts of like length (task 0 holds the longest), mean pooling, vectors of length 1.
 * @throws OpentabError `context_length_exceeded` for a text of more than 256 tokens
 */
export function createEmbeddingsFlow(
  { model, readFile }: FlowOptions,
  thread: PipelineThread = sharedPipelineThread(),
): Flow<EmbeddingsBody, EmbeddingsAnswer> {
  const tokenizer = fileOf(model, 'tokenizer.json')
  const config = fileOf(model, 'tokenizer_config.json')
  const name = `${tokenizer}+${config}`
  const giveTokenizer = async () => {
    const [tokenizerBytes, configBytes] = await Promise.all([readFile(tokenizer), readFile(config)])
    await thread.call('loadTokenizer', {
      name,
      tokenizer: ownCopy(tokenizerBytes),
      config: ownCopy(configBytes),
    })
  }

  return async ({ input, encoding_format }, context) => {
    await thread.provide(name, giveTokenizer)
    const { tokens, batches } = await thread.call('tokeniseTexts', { name, texts: input })
    const data: EmbeddingsAnswer['data'] = []
    await Promise.all(
      batches.map(async (batch, index) => {
        const inputs = inputsOf(batch)
        const outputs = await context.task(index, { kind: 'infer', model: model.hash, graph: 0, inputs })
        const hidden = outputs[0]
        const [texts, length] = [batch.members.length, batch.length]
        const width = hidden?.shape[2] ?? 0
        if (hidden?.datatype !== 'FP32' || hidden.shape.join() !== [texts, length, width].join()) {
          const got = hidden ? `${hidden.datatype}[${hidden.shape.join(',')}]` : 'nothing'
          throw new OpentabError(
            'internal',
            `Task ${index} gave ${got} and not FP32[${texts},${length},width].`,
          )
        }
        const vectors = await thread.call('poolTokens', {
          hidden: ownCopy(hidden.bytes),
          mask: batch.mask.slice(),
          texts,
          length,
          width,
          encoding: encoding_format,
        })
        for (const [place, member] of batch.members.entries()) {
          const embedding =
            vectors instanceof Float32Array
              ? Array.from(vectors.subarray(place * width, (place + 1) * width))
              : vectors[place]!
          data[member] = { object: 'embedding', index: member, embedding }
        }
      }),
    )
    return {
      object: 'list',
      data,
      model: model.manifest.id,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    }
  }
}

function inputsOf({ members, length, ids, mask }: TokenBatch): Tensor[] {
  const shape = [members.length, length]
  return [
    tensorOf('input_ids', 'INT64', shape, ids),
    tensorOf('attention_mask', 'INT64', shape, mask),
    tensorOf('token_type_ids', 'INT64', shape, new BigInt64Array(ids.length)),
  ]
}
