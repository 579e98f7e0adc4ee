"""OpenAI's client for Python against a gateway: does what a user does and prints what it got as one JSON object."""

import json
import os
import sys
import tempfile
import time

import openai
from openai import OpenAI

base_url, key, chat_key, model = sys.argv[1:5]
client = OpenAI(base_url=base_url, api_key=key, max_retries=0)
messages = [{"role": "user", "content": "Say hello."}]


def fails(act):
    """The class and status of the exception that `act` ends with."""
    try:
        act()
    except openai.APIStatusError as error:
        return [type(error).__name__, error.status_code, error.code]
    return None


def batch():
    lines = [
        {
            "custom_id": f"row-{index}",
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": {"model": model, "messages": messages, "max_tokens": 8},
        }
        for index in range(5)
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", delete=False) as file:
        file.write("".join(json.dumps(line) + "\n" for line in lines))
    with open(file.name, "rb") as content:
        uploaded = client.files.create(file=content, purpose="batch")
    os.unlink(file.name)
    wanted = {
        "input_file_id": uploaded.id,
        "endpoint": "/v1/chat/completions",
        "completion_window": "24h",
        "metadata": {"team": "tests"},
    }
    created = client.batches.create(**wanted)
    until = time.monotonic() + 60
    while (polled := client.batches.retrieve(created.id)).status not in ("completed", "failed", "expired", "cancelled"):
        if time.monotonic() > until:
            raise TimeoutError(f"The batch is still {polled.status}.")
        time.sleep(0.2)
    output = [json.loads(line) for line in client.files.content(polled.output_file_id).text.splitlines()]
    return {
        "created": [created.object, created.metadata, created.errors],
        "status": polled.status,
        "counts": polled.request_counts.model_dump(),
        "output": sorted([line["custom_id"], line["response"]["status_code"], line["error"]] for line in output),
        "listed": created.id in [one.id for one in client.batches.list(limit=5)],
        "cancelled": fails(lambda: client.batches.cancel(created.id)),
        "deleted": client.files.delete(uploaded.id).deleted,
    }


def limited():
    own = OpenAI(base_url=base_url, api_key=chat_key, max_retries=0)
    for _ in range(10):
        own.models.list()
    return fails(lambda: own.models.list())


stream = client.chat.completions.create(model=model, messages=messages, stream=True)
result = {
    "models": [one.id for one in client.models.list()],
    "chat": client.chat.completions.create(model=model, messages=messages).choices[0].message.content,
    "stream": "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices),
    "embedding": client.embeddings.create(model=model, input="Hi", encoding_format="float").data[0].embedding,
    "unknown_model": fails(lambda: client.chat.completions.create(model="none", messages=messages)),
    "wrong_key": fails(lambda: OpenAI(base_url=base_url, api_key="nonsense", max_retries=0).models.list()),
    "limited": limited(),
    "unknown_file": fails(lambda: client.files.retrieve("file-none")),
    "wrong_scope": fails(
        lambda: OpenAI(base_url=base_url, api_key=chat_key, max_retries=0).files.retrieve("file-none")
    ),
    "wrong_window": fails(
        lambda: client.batches.create(input_file_id="f", endpoint="/v1/chat/completions", completion_window="soon")
    ),
    "batch": batch(),
}
print(json.dumps(result))
