"""Small changes of text, bytes and plain data that real files suffer, and some that only an enemy makes."""

import copy
import re
from random import Random
from typing import Any

NUMBERS = (
    "0", "-1", "1", "1.0", ".", "..", "1.000.0", "1e3", "1e400", "-0.0", "nan", "inf", "0x10", "1_0", "٣", "５", "",
    "x", "2147483647", "2147483648", "9007199254740993", "9223372036854775808", "9" * 22, "9" * 400, "9" * 5000,
)  # fmt: skip
TEXTS = (
    "", " ", "nan", "None", "Unknown", "é", "\u202eI", "a;b", "a,b", "\x1b[31m", "\0", "=1+1", "[/b]", "x" * 300,
    "../x", "/etc/passwd", "-", "{[1]: 2}", "{'A': 1}", "[]", "'", '"',
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 1, 2**31, 2**64, 10**30, 0.5, float("nan"), float("inf"), [], {}, [[]], [None], {"a": 1}, {1: 2},
    {"name": None}, {"name": "x", "root": 5}, {"name": "georgia", "x": 1},
    {"name": "e", "encoder": "random-conv", "dim": -1},
    {"name": "e", "encoder": "os:system"}, {"name": "p", "estimator": "sklearn.svm.SVC", "params": {"C": "x"}},
    {"name": "p", "estimator": "builtins.dict"}, "cd", "all", "georgia", "random-conv", "ecg-fm", "math:pi",
    "no.such:x", *TEXTS,
)  # fmt: skip
FIELD = re.compile(r"[^\s,;:/()+#]+")


def odd_value(rng: Random) -> str:
    """A number or a text that may be legal in its place, or never."""
    legal = [str(rng.randint(0, 2000)), f"{rng.uniform(0, 2000):.2f}"]
    return rng.choice(rng.choice([NUMBERS, TEXTS, legal]))


def change_text(rng: Random, text: str) -> str:
    """One field of one line, or one whole line, is changed."""
    lines = text.split("\n")
    number = rng.randrange(len(lines))
    how = rng.choice(["first"] * 2 + ["field"] * 12 + ["drop", "repeat", "swap", "join", "comment"])
    if how == "first":  # the first line of a header or a table matters to all others
        number, how = 0, "field"
    if how == "field" and (fields := list(FIELD.finditer(lines[number]))):
        field = rng.choice(fields)
        value = odd_value(rng)
        lines[number] = lines[number][: field.start()] + value + lines[number][field.end() :]
    elif how == "drop":
        del lines[number]
    elif how == "repeat":
        lines.insert(rng.randrange(len(lines) + 1), lines[number])
    elif how == "swap":
        other = rng.randrange(len(lines))
        lines[number], lines[other] = lines[other], lines[number]
    elif how == "join":
        lines[number : number + 2] = ["".join(lines[number : number + 2])]
    elif how == "comment":
        lines[number] = "#" + lines[number]
    return "\n".join(lines)


def change_bytes(rng: Random, content: bytes) -> bytes:
    """One byte is flipped, removed or put in, or the rest is cut."""
    place = rng.randrange(len(content) + 1)
    how = rng.choice(["flip", "cut", "insert", "drop", "mark"])
    if how == "flip" and place < len(content):
        return content[:place] + bytes([content[place] ^ 1 << rng.randrange(8)]) + content[place + 1 :]
    if how == "insert":
        odd = (b"\0", b"\t", b"\xff", b"\r", b"\x85", b'"', b"[" * 3000, b"&a ", b"*a ")
        return content[:place] + rng.choice(odd) + content[place:]
    if how == "mark":
        return b"\xef\xbb\xbf" + content
    return content[:place] + (content[place + 1 :] if how == "drop" else b"")


def change(rng: Random, text: str) -> bytes:
    """One to three changes of a text, and now and then one of its bytes."""
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        text = change_text(rng, text)
    content = text.encode("utf-8", "surrogatepass")
    return change_bytes(rng, content) if rng.random() < 0.15 else content


def change_data(rng: Random, data: Any) -> Any:
    """A copy of nested mappings and lists in which one value is replaced, dropped, wrapped, repeated or renamed."""
    data = copy.deepcopy(data)
    node = data
    while True:
        key = rng.choice(list(node) if isinstance(node, dict) else range(len(node)))
        if not (isinstance(node[key], dict | list) and node[key] and rng.random() < 0.6):
            break
        node = node[key]
    how, value = rng.choice(["set"] * 6 + ["drop", "wrap", "repeat", "rename"]), copy.deepcopy(rng.choice(VALUES))
    if how == "drop":
        del node[key]
    elif how == "wrap":
        node[key] = [node[key]]
    elif how == "repeat" and isinstance(node, list):
        node.append(copy.deepcopy(node[key]))
    elif how == "rename" and isinstance(node, dict) and isinstance(value, str | int | float | None):
        node[value] = node.pop(key)
    else:
        node[key] = value
    return data
