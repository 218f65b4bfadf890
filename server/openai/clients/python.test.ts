import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { projectRoot } from '../../config.ts'
import { cityParameters, model, useClientRelay } from './clientRelay.ts'

const server = useClientRelay()

/** A Python that has the official package: `python3 -m venv .cache/openai && .cache/openai/bin/pip install openai`. */
const python = join(projectRoot, '.cache/openai/bin/python')

const program = `
import json, sys
from openai import OpenAI, BadRequestError, NotFoundError
from pydantic import BaseModel

class Weather(BaseModel):
    city: str
    degrees: int

client = OpenAI(base_url=sys.argv[1], api_key="unused", max_retries=0)
messages = [{"role": "user", "content": "Hi"}]
parameters = json.loads(sys.argv[2])
weather = {"type": "function", "function": {"name": "weather", "parameters": parameters, "strict": True}}
ask = lambda **more: client.chat.completions.create(model="${model}", messages=messages, **more)
seen = {}

plain = ask(temperature=0.5, max_completion_tokens=50, stop=["###"], user="u", metadata={"a": "b"})
seen["chat"] = [plain.choices[0].message.content, plain.choices[0].finish_reason, plain.usage.prompt_tokens_details.cached_tokens]
chunks = list(ask(stream=True, stream_options={"include_usage": True}))
seen["stream"] = ["".join(c.choices[0].delta.content or "" for c in chunks if c.choices), chunks[-1].usage.total_tokens > 0]
raw = client.chat.completions.with_raw_response.create(model="${model}", messages=messages)
seen["receipt"] = raw.headers["x-opentab-receipt"][:5]

called = ask(tools=[weather]).choices[0].message
call = called.tool_calls[0]
answer = client.chat.completions.create(model="${model}", tools=[weather], messages=[*messages, called,
  {"role": "tool", "tool_call_id": call.id, "content": "7"}])
seen["tools"] = [call.function.name, json.loads(call.function.arguments), answer.choices[0].message.content]
with client.chat.completions.stream(model="${model}", messages=messages, tools=[weather]) as stream:
    for event in stream:
        pass
    final = stream.get_final_completion()
seen["stream_tools"] = [final.choices[0].finish_reason, final.choices[0].message.tool_calls[0].function.arguments]
parsed = client.chat.completions.parse(model="${model}", messages=messages, response_format=Weather)
seen["parsed"] = parsed.choices[0].message.parsed.model_dump()

seen["response"] = client.responses.create(model="${model}", input="Hi").output_text
with client.responses.stream(model="${model}", input="Hi") as stream:
    seen["events"] = [event.type for event in stream][-1]
seen["completion"] = client.completions.create(model="${model}", prompt="Say", max_tokens=50).choices[0].text

try:
    client.chat.completions.create(model="gpt-4o", messages=messages)
except NotFoundError as error:
    seen["missing"] = error.code
try:
    ask(max_tokens=100000)
except BadRequestError as error:
    seen["long"] = [error.code, error.param]
with client.chat.completions.create(model="${model}", messages=[{"role": "user", "content": "Talk for ever"}], stream=True) as stream:
    for chunk in stream:
        break
print(json.dumps(seen))
`

describe('the official Python client', () => {
  it('chats, streams, calls tools, keeps to schemas, hears of errors and leaves', async (test) => {
    if (!existsSync(python)) test.skip(`${python} is not there: the official Python package is not installed`)
    const before = server.relay.cancelled.length
    const args = ['-c', program, server.baseURL, JSON.stringify(cityParameters)]
    const { stdout } = await promisify(execFile)(python, args)
    expect(JSON.parse(stdout)).toEqual({
      chat: ['Hello there.', 'stop', 0],
      stream: ['Hello there.', true],
      receipt: 'rcpt_',
      tools: ['weather', { city: 'Oslo' }, 'It is 7 degrees in Oslo.'],
      stream_tools: ['tool_calls', '{"city": "Oslo"}'],
      parsed: { city: 'Oslo', degrees: 7 },
      response: 'Hello there.',
      events: 'response.completed',
      completion: 'Hello there.',
      missing: 'model_not_found',
      long: ['context_length_exceeded', 'max_tokens'],
    })
    await server.relay.untilCancelled(before + 1)
  })
})
