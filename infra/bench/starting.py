"""What a cold start costs: `import app` with its first client, against boto3's client alone."""

import json
import os
import subprocess
import sys

from infra import cloud
from infra.bench import Figure, ratio, timing

NEVER = (
    "stripe",
    "pydantic",
    "jinja2",
    "markdown_it",
    "PIL",
    "tantivy",
    "duckdb",
    "aws_xray_sdk",
)
OURS = "import app; from chalicelib.kit.aws import client; client('dynamodb')"
ASKED = OURS + "; from chalicelib.people import service; app.app.open('feeds.routes')"
THEIRS = "import boto3; boto3.client('dynamodb')"
LOADED = OURS + "; import sys, json; print(json.dumps(sorted(sys.modules)))"


def figures() -> list[Figure]:
    environment = (
        os.environ | cloud.credentials() | cloud.settings("http://localhost:8000", "http://localhost:8001")
    )
    ours, theirs = timing.processes(OURS, THEIRS, environment)
    asked, alone = timing.processes(ASKED, THEIRS, environment)
    answer = subprocess.run(
        [sys.executable, "-c", LOADED], check=True, capture_output=True, text=True, env=environment
    )
    loaded = json.loads(answer.stdout.splitlines()[-1])
    heavy = [name for name in NEVER if name in loaded]
    return [
        ratio("cold start: import app and its first client, to boto3's", ours, theirs, goal=1.25, unit="ms"),
        Figure("and with what a list of stories opens", f"{asked / alone:.2f} times"),
        Figure("modules loaded at a cold start", f"{len(loaded):,}"),
        Figure("heavy modules among them", ", ".join(heavy) or "none", "none", not heavy),
    ]
