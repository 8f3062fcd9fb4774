"""Rewrites what `chalice package` made: two greedy paths instead of one resource for each route, and JSON.

API Gateway allows 300 resources and one variable's name among siblings; our App resolves routes itself.
"""

from typing import Any

# MiniStack ignores API Gateway's "any" method, so each verb is named.
VERBS = ("get", "put", "post", "delete", "patch", "head", "options")
PATHS = ("/", "/{proxy+}")
INVOKED_BY = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${RestAPI}/*/*/*"
INVOKES = (
    "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
    "${APIHandler.Arn}/invocations"
)
# What the gateway answers without asking us, in a form that is valid for our API and for /v1 alike.
REFUSALS = {
    "REQUEST_TOO_LARGE": (413, "That is too large"),
    "THROTTLED": (429, "Too many at once"),
    "QUOTA_EXCEEDED": (429, "Too many at once"),
    "INTEGRATION_TIMEOUT": (504, "That took too long"),
    "INTEGRATION_FAILURE": (502, "Something broke here"),
    "DEFAULT_4XX": (400, "That could not be read"),
    "DEFAULT_5XX": (500, "Something broke here"),
}


def rewrite(template: dict[str, Any]) -> dict[str, Any]:
    """The template with a greedy API; everything else stays as it was merged."""
    resources = template["Resources"]
    api = resources["RestAPI"]["Properties"]
    api["DefinitionBody"] = _definition()
    api["OpenApiVersion"] = "2.0"  # without it SAM makes a second stage, named Stage
    api["EndpointConfiguration"] = {"Type": "REGIONAL"}
    api["BinaryMediaTypes"] = ["*/*"]
    api["TracingEnabled"] = True
    for resource in resources.values():
        if resource["Type"] == "AWS::Lambda::Permission" and "SourceArn" in resource["Properties"]:
            resource["Properties"]["SourceArn"] = {"Fn::Sub": INVOKED_BY}
    return template


def _definition() -> dict[str, Any]:
    return {
        "swagger": "2.0",
        "info": {"title": "longhand", "version": "1.0"},
        "schemes": ["https"],
        "paths": {path: {verb: _to_handler(path) for verb in VERBS} for path in PATHS},
        "x-amazon-apigateway-binary-media-types": ["*/*"],
        "x-amazon-apigateway-gateway-responses": {name: _refusal(*each) for name, each in REFUSALS.items()},
    }


def _to_handler(path: str) -> dict[str, Any]:
    proxy = {"name": "proxy", "in": "path", "required": True, "type": "string"}
    return {
        "parameters": [proxy] if "{" in path else [],
        "responses": {"200": {"description": "What the application answers"}},
        "x-amazon-apigateway-integration": {
            "type": "aws_proxy",
            "httpMethod": "POST",
            "uri": {"Fn::Sub": INVOKES},
            "passthroughBehavior": "when_no_match",
        },
    }


def _refusal(status: int, title: str) -> dict[str, Any]:
    """`messageString` comes quoted already."""
    body = (
        f'{{"type":"about:blank","title":"{title}","status":{status},'
        f'"errors":[{{"message":$context.error.messageString,"code":{status * 10}}}]}}'
    )
    return {"statusCode": str(status), "responseTemplates": {"application/json": body}}
