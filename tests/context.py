"""What Lambda hands a function beside its event."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Context:
    function_name: str = "tests"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:000000000000:function:tests"
    aws_request_id: str = "test-request-0001"

    def get_remaining_time_in_millis(self) -> int:
        return 300_000
