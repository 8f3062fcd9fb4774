"""The rules of the house, read off the source: who may import whom, where time lives, how long is long.

Each failure names the file and the rule, and why the rule is there.
"""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FEATURES = (
    "media people members follows publications stories engagement reads feeds search curation earnings "
    "notices medium_api web"
).split()
JOBS = {"routes", "service", "rules", "records"}
ROOMS = {
    "earnings": (
        "rules records month_file policies books dues pay month_end proving papers service shapes routes"
    ).split()
}
FILE_LINES_MAX, FUNCTION_LINES_MAX, POSITIONAL_MAX = 250, 40, 4
HEAVY = {
    "stripe",
    "PIL",
    "jinja2",
    "markdown_it",
    "nh3",
    "tantivy",
    "duckdb",
    "pydantic",
    "email_validator",
    "slugify",
}
CLOCKS = {"datetime.now", "datetime.utcnow", "date.today", "time.time", "datetime.today"}
CHANCE = {"random", "secrets", "uuid"}
VAGUE = re.compile(r"Manager|Helper|Util|process_data|^handle_")


@cache
def sources() -> tuple[tuple[Path, ast.Module], ...]:
    files = [ROOT / "app.py", *(ROOT / "chalicelib").rglob("*.py"), *(ROOT / "infra").rglob("*.py")]
    return tuple((file.relative_to(ROOT), ast.parse(file.read_text())) for file in sorted(files))


def rooms() -> Iterator[tuple[Path, ast.Module, str, str]]:
    """Every file of a feature, with the feature and the job its name gives it."""
    for path, tree in sources():
        if len(path.parts) > 2 and path.parts[0] == "chalicelib" and path.parts[1] in FEATURES:
            yield path, tree, path.parts[1], path.parts[2].removesuffix(".py")


def imports(tree: ast.Module, *, top_only: bool = False) -> set[str]:
    """The dotted names a module imports, `from a import b` as `a.b`."""
    nodes = tree.body if top_only else ast.walk(tree)
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def features_in(names: set[str]) -> set[tuple[str, str]]:
    """Of imported names those in features: (feature, job)."""
    split = [name.split(".") for name in names if name.startswith("chalicelib.")]
    return {(parts[1], parts[2] if len(parts) > 2 else "") for parts in split if parts[1] in FEATURES}


def fail_if(faults: list[str], why: str) -> None:
    assert not faults, "\n  ".join([why, *faults])


def test_a_feature_imports_only_features_below_it() -> None:
    faults = [
        f"{path}: {feature} imports {other}"
        for path, tree, feature, _ in rooms()
        for other, _ in features_in(imports(tree))
        if FEATURES.index(other) > FEATURES.index(feature)
    ]
    fail_if(faults, "What is below must not know what is above: record a fact, and let a stream carry it up.")


def test_a_room_of_a_feature_imports_only_rooms_below_it() -> None:
    faults = []
    for path, tree, feature, room in rooms():
        floors = ROOMS.get(feature, [])
        if not floors or room == "__init__":
            continue
        if room not in floors:
            faults.append(f"{path}: no room of {feature}'s")
            continue
        faults += [
            f"{path}: {room} imports {other}"
            for its, other in features_in(imports(tree))
            if its == feature and floors.index(other) > floors.index(room)
        ]
    fail_if(faults, "Who reads a room reads what is below it too: what knows each other lives together.")


def test_the_kit_knows_no_feature() -> None:
    faults = [
        f"{path}: imports {other}"
        for path, tree in sources()
        if path.parts[:2] == ("chalicelib", "kit")
        for other, _ in features_in(imports(tree))
    ]
    fail_if(faults, "The kit is under every feature: it cannot stand on one.")


def test_rules_compute_and_do_nothing_else() -> None:
    allowed = {"chalicelib.kit.money", "chalicelib.kit.refusals"}
    faults = []
    for path, tree, feature, job in rooms():
        if job != "rules":
            continue
        for name in imports(tree):
            own = name.startswith(
                (f"chalicelib.{feature}.rules", "chalicelib.kit.money", "chalicelib.kit.refusals")
            )
            rules_below = re.match(r"chalicelib\.\w+\.rules", name)
            if not own and not rules_below and name not in allowed and not _is_standard_or_pure(name):
                faults.append(f"{path}: imports {name}")
    fail_if(faults, "Rules give the same output for the same input: no clock, no settings, no I/O.")


def test_routes_speak_to_their_service_and_nobody_else() -> None:
    faults = []
    for path, tree, feature, job in rooms():
        if job == "routes" and feature != "web":
            faults += [
                f"{path}: {o}.{j}" for o, j in features_in(imports(tree)) if j in {"records", "routes"}
            ]
            faults += [
                f"{path}: {name}"
                for name in imports(tree)
                if name.startswith(("boto3", "pynamodb", "stripe"))
            ]
    fail_if(faults, "A view is HTTP in, service, HTTP out.")


def test_only_a_feature_reads_its_own_records() -> None:
    faults = [
        f"{path}: imports {other}.records"
        for path, tree, feature, _ in rooms()
        for other, job in features_in(imports(tree))
        if job.startswith("records") and other != feature
    ]
    fail_if(faults, "Records are one feature's own business: ask its service.")


def test_services_know_neither_chalice_nor_boto3_nor_stripe() -> None:
    outside = ("chalice.", "boto3", "botocore", "stripe")
    faults = [
        f"{path}: imports {name}"
        for path, tree, _, job in rooms()
        if job in {"service", "rules"}
        for name in imports(tree)
        if name.startswith(outside) or name == "chalice"
    ]
    fail_if(faults, "Services order deeds; what is outside has one file of its own.")


def test_only_records_and_the_kit_know_pynamodb() -> None:
    faults = [
        f"{path}: imports {name}"
        for path, tree, _, job in rooms()
        if not job.startswith("records")
        for name in imports(tree)
        if name.startswith("pynamodb")
    ]
    fail_if(faults, "How things are stored is said in records.py alone.")


def test_handlers_are_declared_in_app_alone() -> None:
    declaring = {
        "on_sqs_message",
        "on_dynamodb_record",
        "schedule",
        "on_s3_event",
        "lambda_function",
        "on_cw_event",
    }
    faults = [
        f"{path}:{node.lineno}"
        for path, tree in sources()
        if path.name != "app.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in declaring and path.parts[0] == "chalicelib"
    ]
    fail_if(faults, "Chalice deploys a Blueprint's handler without app.py: declare them there.")


def test_time_and_chance_live_in_one_place() -> None:
    faults = []
    for path, tree in sources():
        if path.parts[0] != "chalicelib" or path.name in {"clock.py", "ids.py", "table.py", "secrets.py"}:
            continue
        faults += [f"{path}: imports {n}" for n in imports(tree) if n.split(".")[0] in CHANCE]
        faults += [
            f"{path}:{node.lineno}: {ast.unparse(node.func)}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and ast.unparse(node.func) in CLOCKS
        ]
    fail_if(faults, "kit.clock tells the time and kit.ids makes what is random, so that tests can move both.")


def test_the_environment_is_read_in_settings_alone() -> None:
    faults = [
        f"{path}:{node.lineno}"
        for path, tree in sources()
        if path.parts[0] == "chalicelib" and path.name != "settings.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    ]
    fail_if(
        faults, "One frozen Settings is read from the environment once, so that a missing value is named."
    )


def test_every_setting_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    from chalicelib.kit.settings import OPTIONAL, REQUIRED

    names = [*REQUIRED, *OPTIONAL, "OPERATORS", "STRIPE_PRICES"]
    fail_if([name for name in names if f"`{name}`" not in readme], "The README's table lists every setting.")


def test_nothing_heavy_is_imported_at_start() -> None:
    faults = [
        f"{path}: imports {name} at module level"
        for path, tree in sources()
        if path.parts[0] in {"app.py", "chalicelib"}
        for name in imports(tree, top_only=True)
        if name.split(".")[0] in HEAVY or name.startswith("aws_lambda_powertools.Tracer")
    ]
    fail_if(faults, "app.py is imported at every cold start: import heavy things where they are first used.")


def test_no_request_scans_a_table() -> None:
    faults = [
        f"{path}:{node.lineno}"
        for path, tree in sources()
        if path.parts[0] == "chalicelib"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "scan"
    ]
    fail_if(faults, "A scan costs as much as the table is large.")


def test_money_is_never_divided_into_fractions() -> None:
    faults = [
        f"{path}:{node.lineno}: {ast.unparse(node)}"
        for path, tree, feature, _ in rooms()
        if feature in {"earnings", "members"}
        for node in ast.walk(tree)
        if (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and not _is_path(node))
        or (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Call) and ast.unparse(node.func) in {"float", "round"})
    ]
    fail_if(faults, "Money and points are whole numbers: // and never /, and no float.")


def test_functions_and_files_are_short() -> None:
    faults = []
    for path, tree in sources():
        lines = sum(1 for line in (ROOT / path).read_text().split("\n") if line.strip())
        if lines > FILE_LINES_MAX:
            faults.append(f"{path}: {lines} lines; split it by subject")
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and _length(node) > FUNCTION_LINES_MAX:
                faults.append(f"{path}:{node.lineno}: {node.name} has {_length(node)} lines")
    fail_if(
        faults,
        f"A file has at most {FILE_LINES_MAX} lines that say something, a function {FUNCTION_LINES_MAX}.",
    )


def test_at_most_four_arguments_are_told_apart_by_place() -> None:
    faults = [
        f"{path}:{node.lineno}: {node.name}"
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and len([a for a in node.args.args if a.arg not in {"self", "cls"}]) > POSITIONAL_MAX
        and path.name != "faults.py"
    ]
    fail_if(faults, "Beyond four, arguments are named where they are given.")


def test_every_module_says_what_lives_in_it() -> None:
    faults = [str(path) for path, tree in sources() if tree.body and not ast.get_docstring(tree)]
    fail_if(faults, "A module's docstring says in one line what lives there.")


def test_names_say_what_a_thing_is() -> None:
    faults = [
        f"{path}:{node.lineno}: {node.name}"
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and VAGUE.search(node.name)
    ]
    fail_if(faults, "Deeds are verbs of the domain and things its nouns; nothing is a Manager or a Helper.")


def test_nothing_is_left_for_later_in_the_code() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplementedError", "pragma: no cover")
    faults = [
        f"{path}:{n}"
        for path, _ in sources()
        for n, line in enumerate((ROOT / path).read_text().split("\n"), 1)
        if any(mark in line for mark in marks)
    ]
    fail_if(faults, "What is open is said in an issue, not in the code.")


def test_every_route_says_who_may_use_it_and_every_form_has_its_operation() -> None:
    operations = _operations()
    api = {f"{each.verb} {each.path}" for each in operations if not each.page}
    forms = [each for each in operations if each.page and each.verb != "GET"]
    faults = [f"{each.verb} {each.path} names {each.api!r}" for each in forms if each.api not in api]
    fail_if(
        faults, "Nothing is possible on a page alone: each form names the API operation that does the same."
    )


@pytest.mark.usefixtures("aws")
def test_every_route_is_declared_through_the_kit() -> None:
    import app

    declared = {(each.verb, each.path) for each in _operations()}
    known = {(verb, path) for path, verbs in app.app.routes.items() for verb in verbs}
    fail_if(
        [f"{verb} {path}" for verb, path in sorted(known - declared)],
        "A route without a declaration has no guard.",
    )


def _operations() -> list:  # type: ignore[type-arg]
    import app  # noqa: F401
    from chalicelib.kit.operations import OPERATIONS

    return OPERATIONS


def _is_standard_or_pure(name: str) -> bool:
    root = name.split(".")[0]
    return root in sys.stdlib_module_names or root in {"nh3", "slugify", "msgspec", "email_validator"}


def _is_path(node: ast.BinOp) -> bool:
    return isinstance(node.left, ast.Call) and "Path" in ast.unparse(node.left)


def _length(node: ast.FunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1
