"""Verifies DKIM signatures with dkimpy, whose code shares nothing with ours.

Reads a JSON object from standard input: {"messages": [{"message": base64, "signatures": n}], "records": {name: text}}.
Prints a JSON list with a list for each message: one entry for each of its n signatures, top first, that is "good",
"bad", or the name of the error.
"""

import base64
import json
import sys

import dkim


def main():
    given = json.load(sys.stdin)
    records = {f"{name}.": text for name, text in given["records"].items()}

    def lookup(name, timeout=5):
        wanted = name.decode() if isinstance(name, bytes) else name
        text = records.get(wanted)
        return None if text is None else text.encode()

    def verified(message, index):
        try:
            good = dkim.DKIM(message, minkey=2048).verify(idx=index, dnsfunc=lookup)
            return "good" if good else "bad"
        except Exception as error:
            return type(error).__name__

    results = []
    for one in given["messages"]:
        message = base64.b64decode(one["message"])
        results.append([verified(message, index) for index in range(one["signatures"])])
    print(json.dumps(results))


main()
