"""The changes of `torture.choices`: other comparisons, operators, numbers and branches, and shorter tables."""

import ast
import copy
from collections.abc import Iterator
from typing import Any

OPERATORS: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.GtE), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,), ast.And: (ast.Or,), ast.Or: (ast.And,), ast.BitAnd: (ast.BitOr,), ast.BitOr: (ast.BitAnd,),
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div,), ast.Div: (ast.Mult,), ast.FloorDiv: (ast.Mult,),
}  # fmt: skip
PAIRS = (
    ("min", "max"), ("idxmin", "idxmax"), ("argmin", "argmax"), ("nanmin", "nanmax"), ("minimum", "maximum"),
    ("any", "all"), ("first", "last"), ("head", "tail"), ("ceil", "floor"), ("lt", "gt"), ("le", "ge"), ("eq", "ne"),
)  # fmt: skip
OPPOSITES = dict(PAIRS) | {b: a for a, b in PAIRS}
TEXTLESS = (ast.Raise, ast.Assert, ast.Import, ast.ImportFrom)
TYPES = {"annotation", "returns", "decorator_list", "bases", "type_params"}


def edits(tree: ast.Module) -> Iterator[str]:
    """Change a tree in one place, yield line and change, and change it back."""
    for holder, key, node in places(tree):
        opposite = [ast.UnaryOp(ast.Not(), node)] if key == "test" and not isinstance(node, ast.Compare) else []
        for other in [*alternatives(node), *opposite]:
            holder[key] = ast.fix_missing_locations(ast.copy_location(other, node))
            yield f"{node.lineno}: {short(node)}  ->  {short(other)}"
            holder[key] = node


def short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 100 else text[:97] + "..."


def places(tree: ast.AST) -> Iterator[tuple[Any, Any, ast.expr]]:
    """Every expression that is no type, with the list or mapping that holds it and its place there."""
    for name, value in ast.iter_fields(tree):
        if name in TYPES or (isinstance(tree, ast.Subscript) and isinstance(value, ast.Tuple)):
            continue
        holder: Any = value if isinstance(value, list) else vars(tree)
        for key in range(len(value)) if isinstance(value, list) else [name]:
            child = holder[key]
            if isinstance(child, TEXTLESS) or (
                isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
            ):
                continue
            if isinstance(child, ast.expr):
                yield holder, key, child
            if isinstance(child, ast.AST):
                yield from places(child)


def alternatives(node: ast.expr) -> Iterator[ast.expr]:
    """Expressions of the same kind that mean something else."""
    for kind, change in CHANGES.items():
        if isinstance(node, kind):
            yield from change(copy.deepcopy(node))


def comparisons(node: ast.Compare) -> Iterator[ast.expr]:
    for place, operator in enumerate(node.ops):
        for other in OPERATORS[type(operator)]:
            ops = [*node.ops[:place], other(), *node.ops[place + 1 :]]
            yield ast.Compare(node.left, ops, node.comparators)  # type: ignore[arg-type]


def conditions(node: ast.BoolOp) -> Iterator[ast.expr]:
    for other in OPERATORS[type(node.op)]:
        yield ast.BoolOp(other(), node.values)  # type: ignore[arg-type]
    for place in range(len(node.values)):
        rest = node.values[:place] + node.values[place + 1 :]
        yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)


def sums(node: ast.BinOp) -> Iterator[ast.expr]:
    for other in OPERATORS.get(type(node.op), ()):
        yield ast.BinOp(node.left, other(), node.right)  # type: ignore[arg-type]
    if isinstance(node.op, ast.BitAnd | ast.BitOr | ast.Add):
        yield from (node.left, node.right)


def signs(node: ast.UnaryOp) -> Iterator[ast.expr]:
    yield node.operand


def constants(node: ast.Constant) -> Iterator[ast.expr]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int | float):
        yield ast.Constant(node.value + 1)


def branches(node: ast.IfExp) -> Iterator[ast.expr]:
    yield from (node.body, node.orelse)


def tables(node: ast.Tuple | ast.List | ast.Set) -> Iterator[ast.expr]:
    if isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        for place in range(len(node.elts)):
            shorter = copy.copy(node)
            shorter.elts = node.elts[:place] + node.elts[place + 1 :]
            yield shorter if shorter.elts or not isinstance(node, ast.Set) else ast.parse("set()", mode="eval").body


def mappings(node: ast.Dict) -> Iterator[ast.expr]:
    for place in range(len(node.keys)):
        keys, values = node.keys[:place] + node.keys[place + 1 :], node.values[:place] + node.values[place + 1 :]
        yield ast.Dict(keys, values)


def filters(node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Iterator[ast.expr]:
    for loop in node.generators:
        for place, test in enumerate(loop.ifs):
            del loop.ifs[place]
            yield copy.deepcopy(node)
            loop.ifs.insert(place, test)


def calls(node: ast.Call) -> Iterator[ast.expr]:
    name = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
    if name in OPPOSITES:
        setattr(node.func, "attr" if isinstance(node.func, ast.Attribute) else "id", OPPOSITES[name])
        yield node


def texts(node: ast.JoinedStr) -> Iterator[ast.expr]:
    for place, part in enumerate(node.values):
        if isinstance(part, ast.FormattedValue):
            yield ast.JoinedStr(node.values[:place] + node.values[place + 1 :])


CHANGES: dict[Any, Any] = {
    ast.Compare: comparisons, ast.BoolOp: conditions, ast.BinOp: sums, ast.UnaryOp: signs, ast.Constant: constants,
    ast.IfExp: branches, ast.Tuple | ast.List | ast.Set: tables, ast.Dict: mappings, ast.Call: calls,
    ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp: filters, ast.JoinedStr: texts,
}  # fmt: skip
